/** Opens a run that was chosen or dropped, and brings up what became of it. */
import { measureRun } from './monitoredRun.js';
import { isMonitored } from './runFiles.js';
import { complaints } from './store.js';
import { openRun } from './openRun.js';

/** A replay is beside the reader's network, what was wrong with the files at the top. */
export async function showRun(files: readonly File[]): Promise<void> {
  const records = isMonitored(files) ? await measureRun(files) : files;
  if (records === null) return;
  const wrong = typeof records === 'string' ? [records] : await openRun(records);
  complaints.value = wrong;
  const id = wrong.length > 0 ? 'complaints' : 'replayed';
  requestAnimationFrame(() => document.getElementById(id)?.scrollIntoView({ block: 'start' }));
}
