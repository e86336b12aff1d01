/**
 * A drawing as the text of a file. `outerHTML` is HTML: its attributes may hold `<` and `&` as they stand, which no reader of XML
 * takes, and a browser alone forgives.
 */
import type { FigureElement } from './dom.js';

/** What this needs of an element of either document. */
interface Read {
  readonly nodeType: number;
  readonly localName: string;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  readonly childNodes: ArrayLike<Read>;
  readonly textContent: string | null;
}

const [ELEMENT, TEXT] = [1, 3];

/** XML of an SVG; comments are left out. */
export function svgText(figure: FigureElement): string {
  return write(figure as unknown as Read);
}

function write(node: Read): string {
  if (node.nodeType === TEXT) return escape(node.textContent ?? '');
  if (node.nodeType !== ELEMENT) return '';
  const attributes = Array.from(node.attributes, ({ name, value }) => ` ${name}="${escape(value)}"`).join('');
  const inside = Array.from(node.childNodes, write).join('');
  return inside === ''
    ? `<${node.localName}${attributes}/>`
    : `<${node.localName}${attributes}>${inside}</${node.localName}>`;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** What XML has no place for at all (control characters, halves of a pair) is left out. */
function escape(text: string): string {
  return (
    text
      .replace(/[&<>"]/g, (character) => ENTITIES[character])
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu, '')
  );
}
