/** The source files and what they import, read as text. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

export interface SourceFile {
  /** From the folder, with forward slashes: `core/blas.ts`. */
  readonly path: string;
  readonly text: string;
  /** Our own files, from the folder; type imports count. */
  readonly imports: readonly string[];
  /** Packages and `node:` modules, as written. */
  readonly packages: readonly string[];
}

/** What a TypeScript file imports or re-exports, in any form. */
export function specifiersOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const forms = [
    /^\s*(?:import|export)\s[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g,
    /\brequire\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1]));
}

/** The files of a folder of the repository, `src` or `lab`. */
export function readSources(root = 'src'): SourceFile[] {
  const folder = join(ROOT, root);
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(join(folder, name), 'utf8');
      const all = specifiersOf(text);
      const ours = all.filter((specifier) => specifier.startsWith('.'));
      return {
        path: slashes(name),
        text,
        imports: ours.map((specifier) =>
          slashes(normalize(join(dirname(name), specifier))).replace(/\.js$/, '.ts'),
        ),
        packages: all.filter((specifier) => !specifier.startsWith('.')),
      };
    });
}

/** `@scope/name` or `name` of an import such as `name/sub/path`. */
export function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

export function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

export function fromRoot(path: string): string {
  return slashes(relative(ROOT, path));
}

function slashes(path: string): string {
  return path.split(sep).join('/');
}
