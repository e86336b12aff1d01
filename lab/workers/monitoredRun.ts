/** The same measurement as `collapsar measure` of a folder of the companion for PyTorch, whose files were brought to the page. */
import { portableBlas } from 'collapsar/core';
import { openArrays } from 'collapsar/data';
import { openMonitor } from 'collapsar/runs';
import { measureMonitored, recordsOfSeries, replayOfSeries } from 'collapsar/verbs';
import { sourceOf } from './fileSource.js';
import { troubleWith } from './networkTrouble.js';
import type { RunAnswer, RunQuestion } from './runMessages.js';

export async function answerRun(
  { id, run, files }: RunQuestion,
  post: (answer: RunAnswer) => void,
  giveWay: () => Promise<void>,
): Promise<void> {
  const fileOf = (name: string): File => {
    const file = files.get(name);
    if (file === undefined) throw new Error(`${name}: no file of that name`);
    return file;
  };
  try {
    const store = await openMonitor({
      location: run,
      nameOf: (file) => file,
      text: async (file) => (await files.get(file)?.text()) ?? null,
      size: (file) => Promise.resolve(files.get(file)?.size ?? null),
      open: (file) => openArrays(sourceOf(fileOf(file), file)),
    });
    const document = await measureMonitored({
      ...{ store, instead: {}, blas: portableBlas },
      host: {
        yield: giveWay,
        onProgress: (now) =>
          post(
            now.phase === 'read'
              ? { kind: 'measuring', id, done: now.done, total: now.total }
              : { kind: 'solving', id },
          ),
      },
    });
    const lines = recordsOfSeries(document).map((record) => `${JSON.stringify(record)}\n`);
    post({
      ...{ kind: 'measured', id },
      ...{ lines: lines.join(''), beside: JSON.stringify(replayOfSeries(document)) },
    });
  } catch (error) {
    post({ kind: 'failed', id, message: troubleWith(run, error) });
  }
}
