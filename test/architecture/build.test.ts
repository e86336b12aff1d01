/** What a build does again, and what it leaves: on three small steps, of which the second reads what the first writes. */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { STEPS } from '../../scripts/buildSteps.js';
import { bringUpToDate, filesBelow, type Step } from '../../scripts/upToDate.js';
import { temporaryFolder } from '../support/cli.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** `src/*.txt` is copied in capitals, the copies are joined; the page is on its own. */
function project() {
  const root = temporaryFolder();
  const put = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const sources = () => filesBelow(root, 'src');
  const capitals = () => sources().map((path) => path.replace('src', 'dist'));
  const afresh: boolean[] = [];
  const broken = { now: false };
  const steps: readonly Step[] = [
    {
      name: 'capitals',
      inputs: () => [...sources(), 'settings'],
      outputs: capitals,
      run: (how) => {
        afresh.push(how.afresh);
        for (const path of sources()) put(path.replace('src', 'dist'), read(path).toUpperCase());
      },
    },
    {
      name: 'joined',
      inputs: capitals,
      outputs: () => ['dist/all'],
      run: () => {
        if (broken.now) throw new Error('broken');
        put('dist/all/joined', capitals().map(read).join());
      },
    },
    {
      name: 'page',
      inputs: () => ['page'],
      outputs: () => ['dist/page'],
      run: () => put('dist/page', read('page')),
    },
  ];
  put('src/a', 'a');
  put('src/deep/b', 'b');
  put('page', 'p');
  const build = () => bringUpToDate(root, 'dist/.stamp', steps);
  return { root, put, read, build, afresh, broken };
}

describe('a build', () => {
  it('makes everything at first, and then nothing, whatever the times of the files', async () => {
    const { root, read, build } = project();
    expect(await build()).toEqual(['capitals', 'joined', 'page']);
    expect(read('dist/all/joined')).toBe('A,B');
    for (const path of ['src/a', 'page', 'dist/page']) utimesSync(join(root, path), 2e9, 2e9);
    expect(await build()).toEqual([]);
  });

  it.each([
    ['a source changes', 'src/a', 'x', ['capitals', 'joined']],
    ['a source of the same result changes', 'src/a', 'A', ['capitals']],
    ['a source is new', 'src/deep/c', 'c', ['capitals', 'joined']],
    ['settings are there that were not', 'settings', '', ['capitals']],
    ['the page changes', 'page', 'q', ['page']],
    ['an output is not as it was left', 'dist/deep/b', 'C', ['capitals']],
    ['a file stands among the outputs', 'dist/all/else', 'e', ['joined']],
  ])('does what is needed where %s', async (_, path, text, expected) => {
    const { put, build } = project();
    await build();
    put(path, text);
    expect(await build()).toEqual(expected);
    expect(await build()).toEqual([]);
  });

  it.each([
    ['dist/a', ['capitals']],
    ['dist/all', ['joined']],
    ['dist/.stamp', ['capitals', 'joined', 'page']],
    ['dist', ['capitals', 'joined', 'page']],
  ])('puts back %s', async (path, expected) => {
    const { root, read, build } = project();
    await build();
    rmSync(join(root, path), { recursive: true });
    expect(await build()).toEqual(expected);
    expect([read('dist/a'), read('dist/all/joined'), read('dist/page')]).toEqual(['A', 'A,B', 'p']);
  });

  it('removes what came of a source that is gone', async () => {
    const { root, read, build } = project();
    await build();
    rmSync(join(root, 'src/deep'), { recursive: true });
    expect(await build()).toEqual(['capitals', 'joined']);
    expect(existsSync(join(root, 'dist/deep/b'))).toBe(false);
    expect(read('dist/all/joined')).toBe('A');
  });

  it('tells a step whether what it left before is as it was', async () => {
    const { put, build, afresh } = project();
    await build();
    put('src/a', 'x');
    await build();
    put('src/a', 'y');
    put('dist/deep/b', 'C');
    await build();
    expect(afresh).toEqual([true, false, true]);
  });

  it('that fails begins again where it failed, also when nothing changed', async () => {
    const { root, read, build, broken } = project();
    broken.now = true;
    await expect(build()).rejects.toThrow('broken');
    await expect(build()).rejects.toThrow('broken');
    expect(existsSync(join(root, 'dist/page'))).toBe(false);
    broken.now = false;
    expect(await build()).toEqual(['joined', 'page']);
    // And where what it left in earlier times is whole.
    broken.now = true;
    appendFileSync(join(root, 'src/a'), 'x');
    await expect(build()).rejects.toThrow('broken');
    broken.now = false;
    expect(await build()).toEqual(['joined']);
    expect(read('dist/all/joined')).toBe('AX,B');
  });
});

describe('the steps of this package', () => {
  const read = STEPS.map(({ name, inputs }) => ({
    name,
    inputs: inputs().flatMap((path) => filesBelow(ROOT, path)),
  }));
  const readers = (path: string) =>
    read.filter(({ inputs }) => inputs.includes(path)).map(({ name }) => name);

  it.each([
    ['kernels/index.ts', ['kernels']],
    ['kernels/passes/index.ts', ['kernels']],
    ['scripts/buildKernels.js', ['kernels']],
    ['src/core/passBytes.ts', ['library']],
    ['src/cli/main.ts', ['library']],
    ['tsconfig.json', ['library']],
    ['tsconfig.build.json', ['library']],
    ['dist/cli/main.js', ['command', 'lab']],
    ['scripts/buildCommand.js', ['command']],
    ['lab/style.css', ['lab']],
    ['lab/page/prerender.tsx', ['lab']],
    ['scripts/buildLab.js', ['lab']],
    ['package.json', ['kernels', 'library', 'command', 'lab']],
    ['scripts/build.js', ['kernels', 'library', 'command', 'lab']],
    ['node_modules/.package-lock.json', ['kernels', 'library', 'command', 'lab']],
  ])('read %s', (path, names) => {
    expect(existsSync(join(ROOT, path))).toBe(true);
    expect(readers(path)).toEqual(names);
  });

  it('read every source, and write the two files of each', () => {
    const sources = filesBelow(ROOT, 'src');
    expect(sources.filter((path) => !readers(path).includes('library'))).toEqual([]);
    const library = STEPS.find(({ name }) => name === 'library');
    expect(library?.outputs()).toHaveLength(2 * sources.length);
    expect(library?.outputs()).toContain('dist/core/matrix.d.ts');
  });
});
