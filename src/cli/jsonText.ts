/** The JSON text of a document whose long lists hold the same objects many times: equal classes share one. */

/** What JSON.stringify gives, with each object of a list written out once. */
export function jsonText(document: object): string {
  const fields = Object.entries(document)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) =>
        `${JSON.stringify(key)}:${Array.isArray(value) ? listText(value) : JSON.stringify(value)}`,
    );
  return `{${fields.join(',')}}`;
}

function listText(list: readonly unknown[]): string {
  if (list.every((item) => typeof item !== 'object' || item === null)) return JSON.stringify(list);
  const texts = new Map<unknown, string>();
  const parts = list.map((item) => {
    let text = texts.get(item);
    if (text === undefined) texts.set(item, (text = JSON.stringify(item)));
    return text;
  });
  return `[${parts.join(',')}]`;
}
