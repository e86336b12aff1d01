/**
 * Keys that stand twice in one object of a JSON text: `JSON.parse` keeps the last of them without a word, and another reader
 * may keep the first.
 */

/** The first key that an object of `text` has twice, or null. `text` is valid JSON; no nesting is too deep. */
export function repeatedKey(text: string): string | null {
  // One set of keys for each open object, null for an open list.
  const open: (Set<string> | null)[] = [];
  let keyComes = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
        open.push(new Set());
        keyComes = true;
        break;
      case 0x5b: // [
        open.push(null);
        keyComes = false;
        break;
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        keyComes = false;
        break;
      case 0x2c: // ,
        keyComes = open[open.length - 1] !== null;
        break;
      case 0x22: {
        // "
        const end = endOfString(text, at);
        const keys = open[open.length - 1] ?? null;
        if (keyComes && keys !== null) {
          // Two spellings of one key are one key: escapes are resolved.
          const key = JSON.parse(text.slice(at, end)) as string;
          if (keys.has(key)) return key;
          keys.add(key);
          keyComes = false;
        }
        at = end - 1;
        break;
      }
    }
  }
  return null;
}

/** Where the string that begins at `start` is over: behind its closing quote. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at + 1;
}
