/**
 * What every page is: one HTML file that opens from disk, without scripts, without any request.
 *
 * Everything that comes from files is escaped; a content security policy forbids what the page does not need.
 */
import { FIGURE_CSS, PAGE_CSS } from '../style.js';
import { html, trusted, type Html } from './html.js';

/** `'unsafe-inline'` is for styles alone: the sheet below, and the attributes that plots carry. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

export interface PageParts {
  readonly title: string;
  /** Of the program; null where it is not known. */
  readonly version: string | null;
  readonly header: Html;
  readonly main: Html;
}

/** The whole file as text. */
export function pageShell({ title, version, header, main }: PageParts): string {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${POLICY}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="generator" content="collapsar${version === null ? '' : ` ${version}`}" />
        <title>${title}</title>
        <style>
          ${trusted(FIGURE_CSS + PAGE_CSS)}
        </style>
      </head>
      <body>
        <header class="top">${header}</header>
        <main>${main}</main>
        <footer><p>Written by collapsar${version === null ? '' : ` ${version}`}.</p></footer>
      </body>
    </html> `;
  return page.markup;
}

/** Hyphens that no line breaks at: names as CIFAR-10 stay whole. */
export function unbroken(title: string): string {
  return title.replaceAll('-', '\u2011');
}
