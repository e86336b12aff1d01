/**
 * Text that came from a file, made fit to be shown: no control characters, with which a terminal can be driven, and none that turn
 * the direction of writing, with which a line says another thing than it holds. Letters of any script stay as they are.
 */

/** C0 without the line feed, DEL and C1; the marks, embeddings, overrides and isolates of Unicode's bidi algorithm; its line ends. */
const UNPRINTABLE =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * Each such character as \uXXXX, which a reader sees and a parser of JSON takes for the character itself: it stands within a
 * string wherever it stands in JSON.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** The same for what must stay on its line. */
export function printableLine(text: string): string {
  return printable(text).replace(/\n/g, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
