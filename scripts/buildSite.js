/**
 * dist/site: the guides as pages, the API reference and the lab in one folder of plain files, with relative links, so that
 * any web server (or none) shows it.
 *
 *   node scripts/buildSite.js          after npm run build
 *
 * Guides are the Markdown files of the repository, each at its own path with .html for .md; README.md is index.html. What
 * they link to inside the repository is copied beside them. A link that leads nowhere ends the build with exit code 1.
 */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Marked } from 'marked';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Pages of the top line, in its order: name → path in the site. */
const NAVIGATION = {
  collapsar: 'index.html',
  predict: 'docs/predict.html',
  measure: 'docs/measure.html',
  pytorch: 'docs/pytorch.html',
  train: 'docs/train.html',
  lab: 'docs/lab.html',
  theory: 'docs/theory.html',
  results: 'docs/results.html',
  benchmarks: 'docs/benchmarks.html',
  decisions: 'docs/decisions.html',
  API: 'api/index.html',
};

const STYLE = `:root{color-scheme:light dark}
body{max-width:54rem;margin:0 auto;padding:1rem;font:1rem/1.55 system-ui,sans-serif;overflow-wrap:break-word}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding-bottom:.75rem;border-bottom:1px solid #8886}
pre{overflow-x:auto;padding:.75rem;border:1px solid #8886;border-radius:.4rem;line-height:1.35}
code{font:.9em ui-monospace,monospace}
.wide{overflow-x:auto}table{border-collapse:collapse}
th,td{padding:.25rem .6rem;border:1px solid #8886;text-align:left;vertical-align:top}
img{max-width:100%;height:auto;background:#fff}`;

/** Markdown files that become pages, as paths in the repository. */
export function guides() {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  return [
    'README.md',
    'NOTATION.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    ...docs.map((name) => `docs/${name}`),
  ];
}

/** @param {string} path a Markdown file of the repository @returns {string} its page in the site */
function pageOf(path) {
  return path === 'README.md' ? 'index.html' : path.replace(/\.md$/, '.html');
}

/** GitHub's anchor of a heading. @param {string} text */
export function slug(text) {
  return text
    .toLowerCase()
    .replace(/<[^>]*>|&[#\w]+;/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-');
}

/**
 * One page: HTML of a Markdown text, and the repository's files that it shows or links to.
 *
 * @param {string} path of the Markdown file in the repository @param {string} text
 */
export function renderPage(path, text) {
  /** @type {Set<string>} */
  const linked = new Set();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        const html = this.parser.parseInline(tokens);
        return `<h${depth} id="${slug(html)}">${html}</h${depth}>\n`;
      },
    },
    walkTokens(token) {
      if (token.type !== 'link' && token.type !== 'image') return;
      if (/^(\w+:|#)/.test(token.href)) return;
      const [target, anchor] = token.href.split('#');
      const inside = posix.normalize(posix.join(posix.dirname(path), target));
      if (!guides().includes(inside)) linked.add(inside);
      const page = inside.endsWith('.md') ? pageOf(inside) : inside;
      const relative = posix.relative(posix.dirname(pageOf(path)), page);
      token.href = anchor === undefined ? relative : `${relative}#${anchor}`;
    },
  });
  const body = marked
    .parse(text)
    .replaceAll('<table>', '<div class="wide"><table>')
    .replaceAll('</table>', '</table></div>');
  const up = posix.relative(posix.dirname(pageOf(path)), '.') || '.';
  const title = /^# (.+)$/m.exec(text)?.[1] ?? path;
  const links = Object.entries(NAVIGATION).map(([name, page]) => `<a href="${up}/${page}">${name}</a>`);
  const html =
    `<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>${title.replace(/[<>&]/g, '')}</title>\n` +
    `<style>${STYLE}</style>\n</head>\n<body>\n<nav>${links.join('')}<a href="${up}/lab/index.html">open the lab</a></nav>\n` +
    `<main>\n${body}</main>\n</body>\n</html>\n`;
  return { html, linked: [...linked] };
}

/** Writes every guide, and what it links to, into `target`. @param {string} target */
export function buildGuides(target) {
  for (const path of guides()) {
    const { html, linked } = renderPage(path, readFileSync(join(root, path), 'utf8'));
    const page = join(target, pageOf(path));
    mkdirSync(dirname(page), { recursive: true });
    writeFileSync(page, html);
    for (const file of linked)
      if (existsSync(join(root, file))) cpSync(join(root, file), join(target, file), { recursive: true });
  }
}

/**
 * Links of the pages in `folder` that lead to no file or, within guides, to no heading.
 *
 * @param {string} folder @param {readonly string[]} [elsewhere] paths in the site that are not looked up
 * @returns {string[]} 'PAGE → TARGET'
 */
export function brokenLinks(folder, elsewhere = []) {
  const broken = [];
  for (const page of pagesIn(folder)) {
    const html = readFileSync(join(folder, page), 'utf8').replace(/<(script|style)\b[\s\S]*?<\/\1>/g, '');
    for (const [, raw] of html.matchAll(/\s(?:href|src)="([^"]*)"/g)) {
      if (/^(\w+:|\/\/)/.test(raw) || raw === '') continue;
      const [target, anchor] = raw.replaceAll('&amp;', '&').split('#');
      const path = target === '' ? page : posix.normalize(posix.join(posix.dirname(page), decodeURI(target)));
      if (elsewhere.some((start) => path.startsWith(start))) continue;
      const file = join(folder, path);
      const whole = anchor === undefined || anchor === '' || !path.endsWith('.html');
      const there = existsSync(file) && (whole || isState(path, anchor) || hasAnchor(file, anchor));
      if (!there) broken.push(`${page} → ${raw}`);
    }
  }
  return broken;
}

/** Behind its # the lab keeps what it shows, as in #story=lost. @param {string} path @param {string} anchor */
function isState(path, anchor) {
  return path.startsWith('lab/') && /^\w+=/.test(anchor);
}

/** @param {string} file @param {string} anchor */
function hasAnchor(file, anchor) {
  const html = readFileSync(file, 'utf8');
  return [anchor, decodeURIComponent(anchor)].some((id) => html.includes(`id="${id}"`));
}

/** Every page of a folder, by its path there. @param {string} folder @returns {string[]} */
function pagesIn(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => String(name).replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.html') && statSync(join(folder, name)).isFile());
}

async function buildReference(/** @type {string} */ out) {
  // typedoc takes seconds to load; the guides alone do without it.
  const { Application, TSConfigReader, TypeDocReader } = await import('typedoc');
  const app = await Application.bootstrapWithPlugins({ out }, [new TypeDocReader(), new TSConfigReader()]);
  const project = await app.convert();
  if (project === undefined) return false;
  app.validate(project);
  await app.generateOutputs(project);
  return !app.logger.hasErrors() && !app.logger.hasWarnings();
}

async function main() {
  const target = join(root, 'dist', 'site');
  rmSync(target, { recursive: true, force: true });
  buildGuides(target);
  cpSync(join(root, 'dist', 'lab'), join(target, 'lab'), { recursive: true });
  const clean = await buildReference(join(target, 'api'));
  const broken = brokenLinks(target);
  for (const link of broken)
    console.error(`error: ${link}: expected a file or heading of the site, got none`);
  console.log(`site: ${pagesIn(target).length} pages in dist/site`);
  if (!clean || broken.length > 0) process.exitCode = 1;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
