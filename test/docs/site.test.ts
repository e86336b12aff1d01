/** The guides as pages: every link leads somewhere, and one that does not is noticed. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/cli.js';
import { DOCUMENTS, ROOT } from './documents.js';

interface Site {
  slug(text: string): string;
  renderPage(path: string, text: string): { readonly html: string; readonly linked: readonly string[] };
  buildGuides(target: string): void;
  brokenLinks(folder: string, elsewhere?: readonly string[]): string[];
}
const site = (await import(join(ROOT, 'scripts', 'buildSite.js'))) as Site;

describe('the site', () => {
  it('has a page for each document, whose links lead to files and headings', () => {
    const folder = temporaryFolder();
    site.buildGuides(folder);
    const pages = DOCUMENTS.map((path) =>
      path === 'README.md' ? 'index.html' : path.replace('.md', '.html'),
    );
    expect(pages.filter((page) => !existsSync(join(folder, page)))).toEqual([]);
    // The API reference and the lab are built by tools of their own: `npm run site` looks at those links too.
    expect(site.brokenLinks(folder, ['api/', 'lab/'])).toEqual([]);
    expect(site.brokenLinks(folder).length).toBeGreaterThan(0);
  });

  it('names a file and a heading that are not there', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'docs'));
    writeFileSync(join(folder, 'index.html'), '<a href="docs/a.html#here">1</a><a href="docs/b.html">2</a>');
    writeFileSync(
      join(folder, 'docs', 'a.html'),
      '<h2 id="there">x</h2><a href="../index.html">3</a><img src="c.png">',
    );
    expect(site.brokenLinks(folder)).toEqual([
      'index.html → docs/a.html#here',
      'index.html → docs/b.html',
      'docs/a.html → c.png',
    ]);
  });

  it('takes what stands behind # of the lab for what it shows, and elsewhere for a heading', () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lab'));
    writeFileSync(join(folder, 'lab', 'index.html'), '<a href="#story=lost">1</a><a href="#here">2</a>');
    writeFileSync(join(folder, 'a.html'), '<a href="lab/index.html#k=3">1</a><a href="#story=lost">2</a>');
    expect(site.brokenLinks(folder).sort()).toEqual(['a.html → #story=lost', 'lab/index.html → #here']);
  });

  it('turns links between documents into links between pages, and headings into anchors as GitHub does', () => {
    const { html, linked } = site.renderPage(
      'docs/a.md',
      '# The `x` of *y*\n\n[r](../README.md#quick-start) [t](theory.md) [w](https://a.b/c.md) ![p](p.png) [s](../presets/x.yaml)\n',
    );
    expect(html).toContain('<h1 id="the-x-of-y">');
    for (const href of ['../index.html#quick-start', 'theory.html', 'https://a.b/c.md', '../presets/x.yaml'])
      expect(html).toContain(`href="${href}"`);
    expect(linked).toEqual(['docs/p.png', 'presets/x.yaml']);
    expect(site.slug('MSE: one solution')).toBe('mse-one-solution');
    expect(site.renderPage('a.md', "## The paper's own\n").html).toContain('id="the-papers-own"');
  });

  it('every picture of the documents is shown by one of them', () => {
    const text = DOCUMENTS.map((path) => readFileSync(join(ROOT, path), 'utf8')).join('\n');
    for (const name of ['report.png', 'lab-story.png', 'lab-explore.png']) expect(text).toContain(name);
  });
});
