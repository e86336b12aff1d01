import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { fromRoot, readJson, ROOT } from './sources.js';

/** Subpath → source of every entry of the package. */
const ENTRIES = Object.entries(
  (readJson('package.json') as { exports: Record<string, string | { default: string }> }).exports,
)
  .filter((entry): entry is [string, { default: string }] => typeof entry[1] !== 'string')
  .map(([subpath, target]) => ({
    subpath,
    file: join(ROOT, target.default.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts')),
  }));

/** Exported names of a file as the compiler sees them: values, and types apart. */
function exportedNames(program: ts.Program, file: string): { values: string[]; types: string[] } {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${fromRoot(file)} is not a module`);
  const [values, types]: [string[], string[]] = [[], []];
  for (const symbol of checker.getExportsOfModule(module)) {
    const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
    (target.flags & ts.SymbolFlags.Value ? values : types).push(symbol.name);
  }
  return { values: values.sort(), types: types.sort() };
}

describe('public names', () => {
  const program = ts.createProgram(
    ENTRIES.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      noLib: true,
      noEmit: true,
      types: [],
      skipLibCheck: true,
    },
  );
  const names = ENTRIES.map((entry) => ({ ...entry, ...exportedNames(program, entry.file) }));

  it('are those of the snapshot: a change of the public API is made on purpose (vitest -u)', async () => {
    const text = names
      .map(({ subpath, values, types }) =>
        [
          subpath.replace(/^\./, 'collapsar'),
          ...values.map((name) => `  ${name}`),
          ...types.map((name) => `  type ${name}`),
          '',
        ].join('\n'),
      )
      .join('\n');
    await expect(text).toMatchFileSnapshot('./publicNames.txt');
  });

  it.each(names.map(({ subpath, ...rest }) => [subpath, rest] as const))(
    '%s exports at run time what the compiler sees',
    async (_subpath, { file, values }) => {
      const module = (await import(file)) as Record<string, unknown>;
      expect(Object.keys(module).sort()).toEqual(values);
      expect(Object.values(module).every((value) => value !== undefined)).toBe(true);
    },
  );

  it('the main entry names about thirty values, each of them that of a subpath', async () => {
    const main = (await import(join(ROOT, 'src/index.ts'))) as Record<string, unknown>;
    const rooms = await Promise.all(
      names
        .filter(({ subpath }) => subpath !== '.')
        .map(async ({ file }) => (await import(file)) as Record<string, unknown>),
    );
    const entries = Object.entries(main);
    expect(entries.length).toBeLessThanOrEqual(35);
    for (const [name, value] of entries)
      expect(
        rooms.some((room) => room[name] === value),
        name,
      ).toBe(true);
  });
});
