/**
 * The whole page takes a file: one that misses the box must not make the browser leave the page for it.
 *
 * What is dragged within the page (text, a link) is left alone.
 */
import { filesWithin, hasFolder } from '../state/broughtFiles.js';

export interface Drops {
  /** A file hangs over the page, or no longer. */
  readonly aim: (over: boolean) => void;
  readonly take: (files: readonly File[]) => void;
}

/** Listens to the window from now on; returns what ends it. */
export function takeDrops({ aim, take }: Drops): () => void {
  const isOurs = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes('Files') === true;
  const over = (event: DragEvent): void => {
    aim(isOurs(event));
    if (!isOurs(event)) return;
    event.preventDefault();
    if (event.dataTransfer !== null) event.dataTransfer.dropEffect = 'copy';
  };
  const leave = ({ relatedTarget }: DragEvent): void => {
    // Between two elements of the page there is another to enter; out of the window there is none.
    if (relatedTarget === null) aim(false);
  };
  const drop = (event: DragEvent): void => {
    aim(false);
    if (!isOurs(event) || event.dataTransfer === null) return;
    event.preventDefault();
    if (hasFolder(event.dataTransfer)) void filesWithin(event.dataTransfer).then(take, () => take([]));
    else take([...event.dataTransfer.files]);
  };
  addEventListener('dragenter', over);
  addEventListener('dragover', over);
  addEventListener('dragleave', leave);
  addEventListener('drop', drop);
  return () => {
    removeEventListener('dragenter', over);
    removeEventListener('dragover', over);
    removeEventListener('dragleave', leave);
    removeEventListener('drop', drop);
  };
}
