/** What went wrong with a file, for a reader who sees no console. */
import { messageOf } from './scope.js';

const ELSEWHERE =
  'On the command line, “collapsar measure” reads a file of any size piece by piece; smaller features (float32 rather than float64, fewer samples) help here.';

/** Of an error that was caught while a file was measured. */
export function troubleWith(name: string, error: unknown): string {
  const message = messageOf(error);
  if (isMemory(message))
    return `${name}: the browser has not enough memory for it (${message}). ${ELSEWHERE}`;
  if (error instanceof DOMException && /^(NotReadable|NotFound)Error$/.test(error.name))
    return `${name} could not be read: it is a folder, or it was moved or changed after it was chosen. Choose it again.`;
  // The page has fields where the command line has options.
  return message
    .replace('give --feature-decay a number', 'give the feature decay as a number')
    .replace(/^weight-decay: /, 'Weight decay: ')
    .replace(/; name (them|another) with --[\w-]+$/, '');
}

/** Of a worker that broke down without a word of its own; `message` is the browser's, which may be empty. */
export function breakdownOf(name: string, message: string): string {
  const said = message === '' ? '' : ` The browser says: ${message.replace(/^Uncaught /, '')}.`;
  return `The measurement of ${name} broke off.${said} ${
    message === '' || isMemory(message)
      ? `The browser may have run out of memory. ${ELSEWHERE}`
      : 'Measure it again, or reload the page.'
  }`;
}

function isMemory(message: string): boolean {
  return /allocat|out of memory|invalid (typed )?array( buffer)? length/i.test(message);
}
