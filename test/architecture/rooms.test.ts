import { describe, expect, it } from 'vitest';
import { readSources, specifiersOf, type SourceFile } from './sources.js';

/** The table of rooms: what each may import besides itself and core. Beyond the design's table only where a reason stands. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  model: [],
  head: [],
  theory: ['model', 'head'],
  metrics: ['model'],
  // model: the Problem and the Snapshot that theory and metrics speak of
  ufm: ['model', 'head', 'theory', 'metrics'],
  nets: ['model', 'head', 'metrics'],
  // head: the deep linear chain that every engine ends in
  engine: ['head', 'nets'],
  data: [],
  // data: a checkpoint is a safetensors file
  runs: ['model', 'data'],
  judge: ['model', 'head', 'theory', 'metrics', 'runs'],
  report: ['model', 'runs'],
  verbs: ['model', 'head', 'theory', 'metrics', 'ufm', 'nets', 'engine', 'data', 'runs', 'judge', 'report'],
  cli: [
    'model',
    'head',
    'theory',
    'metrics',
    'ufm',
    'nets',
    'engine',
    'data',
    'runs',
    'judge',
    'report',
    'verbs',
  ],
};
/** Folders inside a room, from the ground: each imports the room's own files and the folders before it. */
const FLOORS: Readonly<Record<string, readonly string[]>> = {
  report: ['', 'figures', 'page'],
};
/** The lab, from the ground: a folder imports those on lower lines, and of its own line only itself. */
const LAB: readonly (readonly string[])[] = [
  ['link'],
  ['theory'],
  ['workers'],
  ['state'],
  ['parts'],
  ['frame', 'network', 'prediction', 'problem', 'share', 'training'],
  ['story'],
  ['page'],
];
/** Folders of one room that know nothing of each other. */
const APART: Readonly<Record<string, readonly string[]>> = { theory: ['mse', 'ce'] };
/** Entries of the package: `index.ts` gathers what is portable, `node.ts` what is not. */
const ENTRIES = ['index.ts', 'node.ts'];
/** Packages that need Node or take its time to load; the rest must run in a page as it stands. */
const NODE_PACKAGES = ['koffi', 'linkedom'];
/** Names that say nothing of what a file holds. */
const NO_CONCEPT = /^(utils?|helpers?|misc|common|shared|types?|lib|tools?|stuff|base|new|old|temp|tmp)$/i;

const sources = readSources();
const roomOf = (path: string) => path.split('/')[0];
const nodeOnly = (path: string) => path.endsWith('.node.ts');
const mayUseNode = ({ path }: SourceFile) => nodeOnly(path) || path === 'node.ts' || roomOf(path) === 'cli';

describe('rooms', () => {
  it('the reader of imports sees every form', () => {
    expect(
      specifiersOf(`
        import a from './a.js';
        import type { B } from "./b.js"; // from './no.js'
        import {
          c,
          d,
        } from './c.js';
        export * from './e.js';
        export { f } from './f.js';
        import './g.js';
        const h = await import('./h.js');
        /* import x from './x.js'; */
        // import y from './y.js';
        const text = 'the distance from b';
        type I = import('node:fs').Stats;
      `).sort(),
    ).toEqual(['./a.js', './b.js', './c.js', './e.js', './f.js', './g.js', './h.js', 'node:fs']);
    const counted = sources.reduce((sum, { imports, packages }) => sum + imports.length + packages.length, 0);
    expect(sources.length).toBeGreaterThan(70);
    expect(counted).toBeGreaterThan(250);
  });

  it('every file is in a room of the table, and every import is a file that exists', () => {
    const paths = new Set(sources.map(({ path }) => path));
    const astray = sources.flatMap(({ path, imports }) => [
      ...(ENTRIES.includes(path) || (path.includes('/') && roomOf(path) in ROOMS) ? [] : [path]),
      ...imports.filter((name) => !paths.has(name)).map((name) => `${path} → ${name}`),
    ]);
    expect(astray).toEqual([]);
  });

  it('a room imports core and the rooms that the table allows', () => {
    const forbidden = sources
      .filter(({ path }) => !ENTRIES.includes(path))
      .flatMap(({ path, imports }) => {
        const room = roomOf(path);
        const allowed = [room, 'core', ...ROOMS[room]];
        return imports.filter((name) => !allowed.includes(roomOf(name))).map((name) => `${path} → ${name}`);
      });
    expect(forbidden).toEqual([]);
  });

  it('a room is imported through its index: core and the records by file, and by the command line the verb it runs', () => {
    // A command loads the one verb that it runs: the index would load them all.
    const byFile = (path: string, name: string) =>
      roomOf(name) === 'core' ||
      name === 'runs/records.ts' ||
      nodeOnly(name) ||
      (roomOf(path) === 'cli' && roomOf(name) === 'verbs');
    const past = sources
      .filter(({ path }) => !ENTRIES.includes(path))
      .flatMap(({ path, imports }) =>
        imports
          .filter(
            (name) => roomOf(name) !== roomOf(path) && !/^\w+\/index\.ts$/.test(name) && !byFile(path, name),
          )
          .map((name) => `${path} → ${name}`),
      );
    expect(past).toEqual([]);
  });

  it('inside a room imports go down its floors, and folders that stand apart do not meet', () => {
    const folderOf = (path: string) => path.split('/').slice(1, -1).join('/');
    const within = sources
      .filter(({ path }) => !path.endsWith('index.ts'))
      .flatMap(({ path, imports }) =>
        imports.filter((name) => roomOf(name) === roomOf(path)).map((name) => ({ path, name })),
      );
    const uphill = within.filter(({ path, name }) => {
      const floors = FLOORS[roomOf(path)] ?? [];
      return floors.indexOf(folderOf(name)) > floors.indexOf(folderOf(path));
    });
    const across = within.filter(({ path, name }) => {
      const apart = APART[roomOf(path)] ?? [];
      return (
        apart.includes(folderOf(path)) && apart.includes(folderOf(name)) && folderOf(path) !== folderOf(name)
      );
    });
    expect([...uphill, ...across].map(({ path, name }) => `${path} → ${name}`)).toEqual([]);
  });

  it('Node stays in *.node.ts, node.ts and cli/', () => {
    const leaks = sources
      .filter((file) => !mayUseNode(file))
      .flatMap(({ path, imports, packages, text }) =>
        [
          ...imports.filter((name) => nodeOnly(name) || name === 'node.ts' || roomOf(name) === 'cli'),
          ...packages.filter((name) => name.startsWith('node:') || NODE_PACKAGES.includes(name)),
          ...[...text.matchAll(/\b(?:process\.|Buffer\.|__dirname\b)/g)].map(([found]) => found),
        ].map((what) => `${path}: ${what}`),
      );
    expect(leaks).toEqual([]);
  });

  it('node.ts gathers only what needs Node, and index.ts only the indices of rooms', () => {
    const of = (entry: string) => sources.find(({ path }) => path === entry)?.imports ?? [];
    expect(of('node.ts').filter((name) => !nodeOnly(name))).toEqual([]);
    expect(of('index.ts').filter((name) => !/^\w+\/index\.ts$/.test(name))).toEqual([]);
  });

  it('the lab imports down its floors, and of the package only public exports', () => {
    const folderOf = (path: string) => path.split('/').slice(0, -1).join('/');
    const floorOf = (path: string) => LAB.findIndex((folders) => folders.includes(folderOf(path)));
    const lab = readSources('lab').filter(({ path }) => path.includes('/'));
    expect(lab.length).toBeGreaterThan(50);
    expect(lab.filter(({ path }) => floorOf(path) < 0).map(({ path }) => path)).toEqual([]);
    const wrong = lab.flatMap(({ path, imports }) =>
      imports
        .filter((name) => folderOf(name) !== folderOf(path) && floorOf(name) >= floorOf(path))
        .concat(imports.filter((name) => name.startsWith('..')))
        .map((name) => `${path} → ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it('nothing imports the command line', () => {
    const cli = sources.filter(
      ({ path, imports }) => roomOf(path) !== 'cli' && imports.some((name) => roomOf(name) === 'cli'),
    );
    expect(cli.map(({ path }) => path)).toEqual([]);
  });

  it('no file imports itself through others, types included', () => {
    const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]) => {
      const seen = trail.indexOf(path);
      if (seen >= 0) cycles.push([...trail.slice(seen), path].join(' → '));
      if (seen >= 0 || done.has(path)) return;
      for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe('files', () => {
  it('have at most 500 lines, or say in their header that they are long because …', () => {
    const long = sources.filter(({ text }) => {
      const header = /^\/\*\*[\s\S]*?\*\//.exec(text)?.[0] ?? '';
      return text.split('\n').length > 501 && !/\blong because\b/i.test(header);
    });
    expect(long.map(({ path, text }) => `${path}: ${text.split('\n').length}`)).toEqual([]);
  });

  it('open with a header that says what they are', () => {
    const bare = sources.filter(({ path, text }) => !path.endsWith('index.ts') && !text.startsWith('/**'));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it('are named after a concept, in camelCase', () => {
    const odd = sources.filter(({ path }) => {
      const name = path.slice(path.lastIndexOf('/') + 1).replace(/(\.node)?\.ts$/, '');
      return !/^[a-z][a-zA-Z0-9]*$/.test(name) || NO_CONCEPT.test(name);
    });
    expect(odd.map(({ path }) => path)).toEqual([]);
  });
});
