/** Text of HTML in which every inserted value is escaped, unless it is HTML itself. */

/** A piece of HTML that may be inserted as it stands. */
export interface Html {
  readonly markup: string;
}

export type Insertable = Html | string | number | null | readonly Insertable[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML, fit for content and for quoted attributes. Control characters other than tab and newline become U+FFFD. */
export function escapeHtml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (c) => ENTITIES[c])
      // eslint-disable-next-line no-control-regex -- HTML has no way to write these.
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '\ufffd')
  );
}

/** Says that `markup` is HTML already: a serialised figure, a style sheet. */
export function trusted(markup: string): Html {
  return { markup };
}

/** A template of HTML: strings and numbers are escaped, lists are joined, null is nothing. */
export function html(strings: TemplateStringsArray, ...values: readonly Insertable[]): Html {
  let markup = strings[0];
  values.forEach((value, i) => (markup += render(value) + strings[i + 1]));
  return { markup };
}

function render(value: Insertable): string {
  if (value === null) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return escapeHtml(String(value));
  if ('markup' in value) return value.markup;
  return value.map(render).join('');
}
