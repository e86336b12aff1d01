/** The section of docs/results.md with the table of claims; `docs` is the folder. */
export function claimsSection(docs: string): string;
