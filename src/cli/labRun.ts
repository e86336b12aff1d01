/** The files of a run that the lab replays: those of `train`, or records made of a monitored training. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blas } from '../core/blas.js';
import { exists } from '../runs/folders.node.js';
import { holdsMonitor, openMonitorFolder } from '../runs/monitorFolder.node.js';
import { checkRunFolder, openRunFolder } from '../runs/runFolder.node.js';
import type { OpenedFiles } from './labServer.js';

/** Throws one-line errors for a folder that holds neither. */
export async function filesOfRun(folder: string, blas: () => Blas): Promise<OpenedFiles> {
  if (await holdsMonitor(folder)) {
    const { measureMonitored, recordsOfSeries, replayOfSeries } = await import('../verbs/index.js');
    const document = await measureMonitored({
      store: await openMonitorFolder(folder),
      instead: {},
      blas: blas(),
    });
    const lines = recordsOfSeries(document).map((record) => `${JSON.stringify(record)}\n`);
    return [
      { name: `${folder}.jsonl`, text: lines.join('') },
      { name: 'monitored.json', text: JSON.stringify(replayOfSeries(document)) },
    ];
  }
  await checkRunFolder(folder);
  // What is damaged is refused here, in words of the command line.
  const records = await openRunFolder(folder).readRecords();
  const summary = join(folder, 'summary.json');
  return [
    { name: 'records.jsonl', text: records.map((record) => `${JSON.stringify(record)}\n`).join('') },
    ...((await exists(summary)) ? [{ name: 'summary.json', text: await readFile(summary, 'utf8') }] : []),
  ];
}
