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
  if (list.every((one) => typeof one !== 'object' || one === null)) return JSON.stringify(list);
  const texts = new Map<unknown, string>();
  const parts = list.map((one) => {
    let text = texts.get(one);
    if (text === undefined) texts.set(one, (text = JSON.stringify(one)));
    return text;
  });
  return `[${parts.join(',')}]`;
}
