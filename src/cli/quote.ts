/** Commands as one types them into a shell. */

/** `collapsar` and its words, each quoted where a shell would take it apart. */
export function commandOf(words: readonly string[]): string {
  return ['collapsar', ...words.map(quote)].join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
