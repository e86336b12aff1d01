/** The page of a run, from what its store holds. */
import { refuseFile } from '../core/errors.js';
import { predictedClasses } from '../judge/index.js';
import { unlikeRecords, type RunStore } from '../runs/index.js';
import type { Prediction } from '../theory/index.js';
import { drawing } from './drawing.js';

/** Renders a store's records, summary and spec into its report; `prediction` is shown where there is no summary. */
export async function writeReport(store: RunStore, prediction: Prediction | null = null): Promise<void> {
  const [records, summary, spec] = [
    await store.readRecords(),
    await store.readSummary(),
    await store.readSpec(),
  ];
  const unlike = summary === null ? null : unlikeRecords(summary, records);
  if (unlike !== null)
    refuseFile(`${store.location}/summary.json`, 'the summary of the run beside it', `one where ${unlike}`);
  const page = await drawing(({ renderReport }, document) =>
    renderReport({
      records,
      summary,
      predicted:
        prediction === null
          ? null
          : { objective: prediction.objective, classes: predictedClasses(prediction) },
      spec: spec ?? '',
      command: summary?.command ?? null,
      document,
    }),
  );
  await store.writeReport(page);
}
