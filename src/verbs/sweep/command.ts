/**
 * The user's own training as a point: `run: [python, train.py, --wd, '{weightDecay}', --out, '{out}']`, a list of words that no
 * shell sees. `{key}` is a setting of the point or a key of the sweep's file, `{out}` the folder the command is to fill.
 */
import { refuse } from '../../core/errors.js';
import { isSection, type RawSpec, type Setting } from './overrides.js';

export interface CommandPlan {
  readonly words: readonly string[];
  /** How what it leaves is measured, under the option names of `measure`; values may hold `{key}`. */
  readonly measure: Readonly<Record<string, string>>;
}

interface CommandParts {
  readonly run: unknown;
  readonly measure: unknown;
  readonly base: RawSpec;
  readonly keys: readonly string[];
}

/** What `measure:` may say. */
const MEASURE_KEYS = ['loss', 'weightDecay', 'featureDecay', 'features', 'labels', 'weights', 'biasName'];
const PLACE = /\{([^{}]*)\}/g;

export function parseCommand({ run, measure = {}, base, keys }: CommandParts, where: string): CommandPlan {
  const at = `${where}: run`;
  if (!Array.isArray(run) || run.length === 0)
    refuse(at, "a list of words, for example [python, train.py, '{out}']", run, 'no shell reads them');
  const words = run.map((word: unknown) =>
    typeof word === 'string' || typeof word === 'number' ? String(word) : refuse(at, 'words', word),
  );
  if (!isSection(measure)) refuse(`${where}: measure`, `a section of ${MEASURE_KEYS.join(', ')}`, measure);
  const strange = Object.keys(measure).find((key) => !MEASURE_KEYS.includes(key));
  if (strange !== undefined) refuse(`${where}: measure`, `the keys ${MEASURE_KEYS.join(', ')}`, strange);
  const known = new Set(['out', ...Object.keys(base), ...keys]);
  const texts = Object.entries(measure).map(([key, value]) => [key, settingWord(value)] as const);
  const all = [...words, ...texts.map(([, value]) => value)];
  for (const text of all)
    for (const [, name] of text.matchAll(PLACE))
      if (!known.has(name)) refuse(at, `{${[...known].join('}, {')}}`, `{${name}}`);
  if (!words.some((word) => word.includes('{out}')))
    refuse(at, "'{out}' among its words: the folder that it is to fill", words);
  const unused = keys.find((key) => !words.some((word) => word.includes(`{${key}}`)));
  if (unused !== undefined)
    refuse(
      at,
      `'{${unused}}' among its words, as ${unused} is swept`,
      words,
      'each point would run the same',
    );
  const idle = Object.keys(base).find(
    (key) => key !== 'name' && !all.some((text) => text.includes(`{${key}}`)),
  );
  if (idle !== undefined)
    refuse(
      `${where}: ${idle}`,
      `'{${idle}}' among the words of run or measure`,
      'none',
      'name it there, or leave it out; beside run there are measure, sweep, bisect, estimate and name',
    );
  return { words, measure: Object.fromEntries(texts) };
}

/** The words of a point. */
export function commandAt(
  { words }: CommandPlan,
  base: RawSpec,
  settings: readonly Setting[],
  out: string,
): string[] {
  return words.map((word) => filled(word, base, settings, out));
}

/** What `measure:` says for a point. */
export function measureAt(
  { measure }: CommandPlan,
  base: RawSpec,
  settings: readonly Setting[],
): Readonly<Partial<Record<string, string>>> {
  return Object.fromEntries(
    Object.entries(measure).map(([key, text]) => [key, filled(text, base, settings, '')]),
  );
}

function filled(text: string, base: RawSpec, settings: readonly Setting[], out: string): string {
  const values = new Map<string, unknown>([...Object.entries(base), ...settings, ['out', out]]);
  return text.replace(PLACE, (place, name: string) =>
    values.has(name) ? settingWord(values.get(name)) : place,
  );
}

/** Numbers as they are, lists with commas between. */
function settingWord(value: unknown): string {
  if (Array.isArray(value)) return value.map(settingWord).join(',');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
