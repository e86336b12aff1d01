import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageName, readJson, readSources, ROOT } from './sources.js';

/** Every runtime dependency and why it is one. A new one needs its reason here. */
const REASONS: Readonly<Record<string, string>> = {
  '@observablehq/plot': 'figures: scales, axes and marks, drawn into a document that is handed in',
  'fastest-levenshtein': 'the nearest known name in refusals of unknown flags, verbs and keys',
  koffi:
    'calls the system BLAS and LAPACK on typed arrays without copies, 0.24 µs a call, with prebuilt binaries',
  linkedom: 'the document in which figures are drawn where there is no page; jsdom is ten times its size',
  'ml-matrix': 'eigenvalues, SVD and QR where there is no LAPACK, in plain JavaScript',
  'pure-rand':
    'a random generator whose state can be saved, so that a resumed run goes on with the same numbers',
  yaml: 'spec files; keeps places in the text for errors on one line',
  zod: 'one schema of the spec that checks, types and names what is wrong',
};

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly engines: { readonly node: string };
  readonly scripts: Readonly<Record<string, string>>;
}

interface Lockfile {
  readonly packages: Readonly<
    Record<string, { readonly resolved?: string; readonly integrity?: string; readonly link?: boolean }>
  >;
}

const manifest = readJson('package.json') as Manifest;
const lockfile = readJson('package-lock.json') as Lockfile;

describe('runtime dependencies', () => {
  it('are those of the list, each with its reason', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(Object.keys(REASONS).sort());
    expect(manifest.optionalDependencies ?? {}).toEqual({});
    expect(manifest.peerDependencies ?? {}).toEqual({});
  });

  it('are all used, and nothing else is imported', () => {
    const used = new Set(
      readSources()
        .flatMap(({ packages }) => packages)
        .filter((name) => !name.startsWith('node:'))
        .map(packageName),
    );
    expect([...used].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('install without running anything of theirs that must succeed, and from any registry', () => {
    // `resolved` would tie an install to the registry of whoever wrote the lockfile.
    const tied = Object.entries(lockfile.packages).filter(
      ([, entry]) => entry.resolved !== undefined && entry.link !== true,
    );
    expect(tied.map(([name]) => name)).toEqual([]);
    expect(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).not.toMatch(
      /https?:\/\/[^"]*(registry|npm)[^"]*\.tgz/,
    );
    const unsigned = Object.entries(lockfile.packages).filter(
      ([name, entry]) => name !== '' && entry.integrity === undefined && entry.link !== true,
    );
    expect(unsigned.map(([name]) => name)).toEqual([]);
  });
});

describe('the package', () => {
  it('exports subpaths that are built from sources that exist, types beside code', () => {
    for (const [subpath, target] of Object.entries(manifest.exports)) {
      if (typeof target === 'string') {
        expect(existsSync(join(ROOT, target)), `${subpath} → ${target}`).toBe(true);
        continue;
      }
      expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'));
      const source = target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts');
      expect(target.default.startsWith('./dist/')).toBe(true);
      expect(existsSync(join(ROOT, source)), `${subpath} → ${source}`).toBe(true);
    }
  });

  it('has a subpath for every room that has an index', () => {
    const rooms = readSources()
      .map(({ path }) => /^(\w+)\/index\.ts$/.exec(path)?.[1])
      .filter((room) => room !== undefined);
    const subpaths = Object.keys(manifest.exports)
      .filter((name) => !['.', './node', './package.json'].includes(name))
      .map((name) => name.slice(2));
    expect(subpaths.sort()).toEqual(rooms.sort());
  });

  it('has its commands, and runs nothing when others install it', () => {
    for (const path of Object.values(manifest.bin)) expect(existsSync(join(ROOT, path))).toBe(true);
    for (const hook of ['preinstall', 'install', 'postinstall'])
      expect(manifest.scripts).not.toHaveProperty(hook);
  });
});
