/**
 * Bundles the lab (lab/) against the package's own built exports into dist/lab/: a folder of plain files with relative
 * addresses that any web server can host. Names hold a hash of what is inside, so they may be cached for ever.
 *
 * The page holds what a first visit draws first (lab/page/prerender.tsx), so that it is seen before a script has run; one line of
 * script, allowed by its hash, hides it where a link leads elsewhere.
 *
 * Styles allow 'unsafe-inline' because every plot carries its own <style>. Scripts do not; of code made at run time they allow
 * WebAssembly alone, the kernels of measures and of the search. Images from blob: are the figures on their way to a PNG.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, transform } from 'esbuild';
import { parseHTML } from 'linkedom';
import { FIGURE_CSS } from '../dist/report/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'lab');
const target = join(root, 'dist', 'lab');
const making = `${target}.${process.pid}`;
/** Bytes, compressed, that a first visit may load. */
const BUDGET = 200_000;

/** Where a link leads to something else than what was drawn first, that is not shown. */
const ELSEWHERE = "if(location.hash.length>1)document.documentElement.classList.add('elsewhere')";

const common = {
  absWorkingDir: root,
  outdir: making,
  bundle: true,
  format: 'esm',
  minify: true,
  target: ['es2022'],
  entryNames: '[name]-[hash]',
  chunkNames: 'part-[hash]',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  // A name that the package does not export is a broken page, not a remark.
  logOverride: { 'import-is-undefined': 'error' },
};

/**
 * The report's room has the figures, which bring Observable Plot, and small things beside them: numbers in words, colours.
 * With one entry for both a first visit would load Plot, for the bundler parts files and not exports; so all but the file
 * that is loaded after the page stands get the small things alone. A name that is not among them ends the build.
 */
const SMALL = ['format', 'palette', 'classColors', 'literalColors', 'figures/standaloneSvg'];
const withoutFigures = {
  name: 'report without its figures',
  setup(/** @type {import('esbuild').PluginBuild} */ { onResolve, onLoad }) {
    onResolve({ filter: /^collapsar\/report$/ }, ({ importer }) =>
      importer.endsWith('figures.ts') ? undefined : { path: 'small', namespace: 'report' },
    );
    onLoad({ filter: /.*/, namespace: 'report' }, () => ({
      contents: SMALL.map((name) => `export * from './dist/report/${name}.js';`).join('\n'),
      resolveDir: root,
    }));
  },
};

try {
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { recursive: true });
  const workers = {};
  for (const name of ['train', 'theory', 'network']) {
    const { metafile } = await build({ ...common, entryPoints: [join(source, `workers/${name}.worker.ts`)] });
    workers[name] = outputOf(metafile, `workers/${name}.worker.ts`);
  }
  const { metafile } = await build({
    ...common,
    entryPoints: [join(source, 'main.ts')],
    splitting: true,
    plugins: [withoutFigures],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { LAB_WORKERS: JSON.stringify(workers) },
  });
  const script = outputOf(metafile, 'main.ts');
  const loaded = staticImports(metafile, outputOf(metafile, 'lab.tsx'));
  const first = await drawFirst();
  const style = await writeStyle(first.colors);
  const icon = writeHashed('icon.svg', readFileSync(join(source, 'icon.svg')));
  const policy = Object.entries(JSON.parse(readFileSync(join(source, 'contentPolicy.json'), 'utf8')))
    .map(
      ([directive, value]) =>
        `${directive} ${directive === 'script-src' ? `${value} ${hashOf(ELSEWHERE)}` : value}`,
    )
    .join('; ');
  const page = readFileSync(join(source, 'index.html'), 'utf8')
    .replace('__CSP__', policy)
    .replace('__SCRIPT__', script)
    .replace('<!-- elsewhere -->', `<script>${ELSEWHERE}</script>`)
    .replace(
      '<!-- preloads -->',
      loaded.map((name) => `<link rel="modulepreload" href="${name}" />`).join(''),
    )
    .replace('<!-- first -->', () => first.html)
    .replace('__STYLE__', style)
    .replace('__ICON__', icon);
  writeFileSync(join(making, 'index.html'), page);
  report(['index.html', style, icon, ...new Set([...staticImports(metafile, script), ...loaded])]);
  rmSync(target, { recursive: true, force: true });
  renameSync(making, target);
} finally {
  if (existsSync(making)) rmSync(making, { recursive: true, force: true });
}

/** @param {string} text of an inline script */
function hashOf(text) {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

/** What the page draws first, drawn here in a document without a window. */
async function drawFirst() {
  const { outputFiles } = await build({
    ...common,
    write: false,
    entryPoints: [join(source, 'page/prerender.tsx')],
    plugins: [withoutFigures],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    define: { LAB_WORKERS: '{}' },
  });
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const nothing = () => undefined;
  Object.assign(globalThis, {
    document,
    location: { hash: '', href: '', pathname: '/', search: '' },
    addEventListener: nothing,
    matchMedia: () => ({ matches: false }),
    IntersectionObserver: class {
      observe = nothing;
      unobserve = nothing;
      disconnect = nothing;
    },
  });
  const { firstPage, classFadingCss } = await import(
    `data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString('base64')}`
  );
  return { html: firstPage(), colors: classFadingCss() };
}

/** The file that an entry became. */
function outputOf(metafile, entry) {
  const found = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === `lab/${entry}`);
  return basename(found[0]);
}

/** A script and what it imports before it can run. */
function staticImports(metafile, script, seen = new Set()) {
  if (seen.has(script)) return [...seen];
  seen.add(script);
  const [, output] = Object.entries(metafile.outputs).find(([path]) => basename(path) === script);
  for (const { path, kind } of output.imports)
    if (kind === 'import-statement') staticImports(metafile, basename(path), seen);
  return [...seen];
}

/** @param {string} colors of the classes */
async function writeStyle(colors) {
  const css = FIGURE_CSS + colors + readFileSync(join(source, 'style.css'), 'utf8');
  const { code } = await transform(css, { loader: 'css', minify: true, target: ['es2022'] });
  return writeHashed('style.css', code);
}

function writeHashed(name, content) {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 8);
  const hashed = name.replace('.', `-${hash}.`);
  writeFileSync(join(making, hashed), content);
  return hashed;
}

function report(first) {
  const size = first.reduce((sum, name) => sum + gzipSync(readFileSync(join(making, name))).length, 0);
  console.log(`lab: first load ${(size / 1000).toFixed(1)} kB compressed (of ${BUDGET / 1000})`);
  if (size > BUDGET) throw new Error('the lab is too large for a first load');
}
