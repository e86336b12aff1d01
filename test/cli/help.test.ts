/** `collapsar train --help network` against the schema itself. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { NETWORK_HELP } from '../../src/cli/networkHelp.js';
import { networkSchema } from '../../src/runs/networkSpec.js';
import { collapsar } from '../support/commandInProcess.js';

/** What of JSON Schema is looked at. */
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly default?: unknown;
  readonly type?: string;
}

interface Key {
  readonly path: string;
  readonly required: boolean;
  /** Every word that may be given, and every default. */
  readonly words: ReadonlySet<string>;
  readonly defaults: ReadonlySet<string>;
}

function keysOf(schema: Schema, path: readonly string[] = []): Key[] {
  const branches = [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return branches.flatMap(({ properties, required = [] }) =>
    Object.entries(properties ?? {}).flatMap(([name, inner]) => {
      const options = [inner, ...(inner.anyOf ?? []), ...(inner.oneOf ?? [])];
      const words = options.flatMap((one) => [
        ...(one.enum ?? []),
        ...(one.const === undefined ? [] : [one.const]),
      ]);
      const given = options.flatMap((one) =>
        ['string', 'number', 'boolean'].includes(typeof one.default) ? [String(one.default)] : [],
      );
      const key = {
        path: [...path, name].join('.'),
        required: required.includes(name),
        words: new Set(words),
        defaults: new Set(given),
      };
      return [key, ...keysOf(inner, [...path, name])];
    }),
  );
}

const KEYS = keysOf(z.toJSONSchema(networkSchema, { io: 'input' }) as Schema);

/** The lines of the block, by key: its own and those that go on with it. */
function blocks(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let [section, current] = ['', ''];
  const lines = NETWORK_HELP.split('\n\n')[3].split('\n');
  for (const line of lines) {
    const match = /^( {0,2})(\w+)(\*?)(?: +(.*))?$/.exec(line);
    if (match === null) found.set(current, `${found.get(current) ?? ''} ${line.trim()}`);
    else {
      const [, indent, name, star, text = ''] = match;
      if (indent === '') section = name;
      current = indent === '' ? name : `${section}.${name}`;
      expect(found.has(current), `${current} once`).toBe(false);
      found.set(current, `${star}${text}`);
    }
  }
  return found;
}

const SEEDS: ReadonlySet<string> = new Set(['data.choose.seed', 'data.labels.seed']);

describe('collapsar train --help network', () => {
  const told = blocks();

  it('is what the command prints', async () => {
    for (const args of [
      ['train', '--help', 'network'],
      ['help', 'train', 'network'],
    ]) {
      const found = await collapsar(args);
      expect(found).toEqual({ code: 0, stdout: `${NETWORK_HELP}\n`, stderr: '' });
    }
    expect((await collapsar(['train', '--help'])).stdout).toContain('collapsar train --help network');
  });

  it('fits 80 columns', () => {
    for (const line of NETWORK_HELP.split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('has the keys of the schema and no others', () => {
    // The seeds of choose and labels are told with them.
    const expected = new Set(KEYS.map(({ path }) => path).filter((path) => !SEEDS.has(path)));
    expect(new Set(told.keys())).toEqual(expected);
    for (const key of ['data.choose', 'data.labels']) expect(told.get(key)).toContain('{seed: N}');
  });

  it.each(KEYS.filter(({ path }) => !SEEDS.has(path)).map((key) => [key.path, key] as const))(
    'says of %s which words it takes, its default, and whether it must be given',
    (path, { words, defaults, required }) => {
      const text = told.get(path) ?? '';
      for (const word of words) expect(text).toContain(word);
      for (const value of defaults) expect(text).toContain(`(default ${value})`);
      // Of a choice of branches no key but the name must be given: decay is one or the other.
      if (!/^decay\./.test(path)) expect(text.startsWith('*'), text).toBe(required);
    },
  );
});
