import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const BUNDLE = fileURLToPath(new URL('../../dist/command/', import.meta.url));

/** What the files of the bundle ask for relative to themselves, as `new URL('…', import.meta.url)` has it. */
function placesAskedFor(): string[] {
  const text = readdirSync(BUNDLE)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(BUNDLE, name), 'utf8'))
    .join('\n');
  return [...text.matchAll(/new URL\(["'`]([^"'`]+)["'`],\s*import\.meta\.url\)/g)].map(([, place]) => place);
}

test('what the bundled command line starts or serves stands where it looks for it', () => {
  const places = placesAskedFor();
  expect(places).toEqual(
    expect.arrayContaining(['./sweepWorker.js', './thread.node.js', './passThread.node.js', '../lab/']),
  );
  for (const place of places) expect(existsSync(join(BUNDLE, place)), place).toBe(true);
});

test('a bundled package comes with its licence', () => {
  const licences = readFileSync(join(BUNDLE, 'LICENSES.txt'), 'utf8');
  for (const name of ['ml-matrix', 'zod', 'yaml', 'pure-rand', '@observablehq/plot', 'linkedom'])
    expect(licences).toContain(`${name} `);
  expect(licences).not.toContain('Licence: undefined');
});
