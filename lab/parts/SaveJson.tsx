/** Saves a document as the JSON that the command line prints for it: one line, nothing else. */
import type { JSX } from 'preact';
import { download } from './standalone.js';

export function SaveJson({
  name,
  document,
}: {
  readonly name: string;
  readonly document: unknown;
}): JSX.Element {
  return (
    <button
      type="button"
      onClick={() =>
        download(name, new Blob([`${JSON.stringify(document)}\n`], { type: 'application/json' }))
      }
    >
      Save as JSON
    </button>
  );
}
