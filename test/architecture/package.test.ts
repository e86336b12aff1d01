/**
 * The package as a user gets it, from its tarball and with no script of anybody run: what it holds, its links, its types in a
 * project of their own, its command and its library. Offline: its dependencies are links into this checkout.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { collapsar, temporaryFolder } from '../support/cli.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin: { readonly collapsar: string };
};
const TYPED = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => path.replace('.', 'collapsar'));

let folder = '';
let files: ReadonlySet<string> = new Set();

beforeAll(() => {
  folder = temporaryFolder();
  const packed = JSON.parse(
    execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  ) as readonly { readonly filename: string; readonly files: readonly { readonly path: string }[] }[];
  files = new Set(packed[0].files.map(({ path }) => path));
  const target = join(folder, 'node_modules', 'collapsar');
  mkdirSync(target, { recursive: true });
  execFileSync('tar', ['xzf', join(folder, packed[0].filename), '-C', target, '--strip-components=1']);
  // What npm would install beside it: its dependencies and theirs, nothing that only its development needs.
  for (const name of installed()) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) symlinkSync(join(root, 'node_modules', name), place);
  }
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync(join(target, manifest.bin.collapsar), join(folder, 'node_modules', '.bin', 'collapsar'));
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
}, 60_000);

const inFolder = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** Names of the packages that a user's `npm install` brings, and the types of Node that a project on Node has. */
function installed(): readonly string[] {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    readonly packages: Readonly<Record<string, { readonly dev?: boolean }>>;
  };
  const names = Object.entries(lock.packages)
    .filter(([path, { dev }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && dev !== true)
    .map(([path]) => path.replace('node_modules/', ''));
  return [...names, '@types/node', 'undici-types'].filter((name) =>
    existsSync(join(root, 'node_modules', name)),
  );
}

/** What the compiler says of a user's files, by name, with every declaration checked. */
function complaints(sources: Readonly<Record<string, string>>, options: object): string {
  for (const [name, source] of Object.entries(sources)) writeFileSync(join(folder, name), source);
  const config = {
    compilerOptions: {
      target: 'es2022',
      module: 'nodenext',
      strict: true,
      noEmit: true,
      skipLibCheck: false,
      // TypeScript's own are not ours to check.
      skipDefaultLibCheck: true,
      preserveSymlinks: true,
      ...options,
    },
    files: Object.keys(sources),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  return spawnSync(process.execPath, [compiler], { cwd: folder, encoding: 'utf8' }).stdout;
}

const EVERY_WAY_IN = [
  ...TYPED.map((path, i) => `export * as way${i} from '${path}';`),
  '// @ts-expect-error: names are checked, so this one is refused.',
  `import { noSuchName } from 'collapsar';`,
  'void noSuchName;',
].join('\n');

describe('the package', () => {
  it('holds what runs and what its pages speak of, and nothing of the build', () => {
    for (const name of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/lab/index.html',
      'bin/collapsar.js',
      'LICENSE',
      'presets/paper-imbalanced.yaml',
      'docs/theory.md',
      'examples/decays.js',
    ])
      expect(files).toContain(name);
    expect([...files].filter((path) => /tsbuildinfo|build\.json/.test(path))).toEqual([]);
    expect([...files].filter((path) => /^(src|test|node_modules|runs)\//.test(path))).toEqual([]);
  });

  it('every relative link of its pages leads to a file that it holds', () => {
    const pages = [...files].filter((path) => path.endsWith('.md'));
    expect(pages).toContain('README.md');
    const broken = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map((match) => match[1])
        .filter((link) => !/^[a-z]+:/.test(link))
        .filter((link) => !files.has(posix.normalize(posix.join(posix.dirname(page), link))))
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it('has a command that predicts what this checkout predicts', () => {
    const args = ['predict', '--counts', '200,100,50,10', '--depth', '2', '--json'];
    const printed = inFolder(join(folder, 'node_modules', '.bin', 'collapsar'), args);
    expect(JSON.parse(printed)).toEqual(JSON.parse(collapsar(args).stdout));
  });

  it('has a library with every way in', () => {
    expect(TYPED.length).toBeGreaterThan(10);
    const code = TYPED.map((path) => `console.log(Object.keys(await import('${path}')).length)`);
    const printed = inFolder(process.execPath, ['--input-type=module', '-e', code.join(';')]);
    const sizes = printed.trim().split('\n').map(Number);
    expect(sizes).toHaveLength(TYPED.length);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  // A page and a program: neither has the types that the other has.
  it('every way in type-checks in a page, declarations and all', { timeout: 60_000 }, () => {
    expect(TYPED).toEqual(expect.arrayContaining(['collapsar/node', 'collapsar/report']));
    expect(complaints({ 'page.ts': EVERY_WAY_IN }, { types: [], lib: ['ES2023', 'DOM'] })).toBe('');
  });

  it('every way in type-checks in a program, and so does the README’s example', { timeout: 60_000 }, () => {
    const example = /^```js\n([\s\S]*?)^```/m.exec(readFileSync(join(root, 'README.md'), 'utf8'))?.[1] ?? '';
    expect(example).toContain("from 'collapsar'");
    const sources = { 'program.ts': EVERY_WAY_IN, 'example.ts': example };
    expect(complaints(sources, { types: ['node'], lib: ['ES2023'] })).toBe('');
  });
});
