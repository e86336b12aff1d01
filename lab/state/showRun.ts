/** Opens a run that was chosen or dropped, and brings up what became of it. */
import { complaints } from './store.js';
import { openRun } from './openRun.js';

/** Whether dropped files are a run, not features. */
export function isRun(files: readonly File[]): boolean {
  return files.some(({ name }) => /\.jsonl?$/i.test(name));
}

/** A replay is beside the reader's network, what was wrong with the files at the top. */
export async function showRun(files: readonly File[]): Promise<void> {
  const wrong = await openRun(files);
  complaints.value = wrong;
  const id = wrong.length > 0 ? 'complaints' : 'replayed';
  requestAnimationFrame(() => document.getElementById(id)?.scrollIntoView({ block: 'start' }));
}
