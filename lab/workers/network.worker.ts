/** The same measurement as `collapsar measure`, of a file that is read piece by piece, or of a run of the companion for PyTorch. */
import { portableBlas } from 'collapsar/core';
import { openArrays } from 'collapsar/data';
import { createProblem } from 'collapsar/model';
import type { GramMatrices } from 'collapsar/runs';
import { documentOf, measure, predictInSlices, type ProblemDocument } from 'collapsar/verbs';
import { sourceOf } from './fileSource.js';
import { answerRun } from './monitoredRun.js';
import type { NetworkAnswer, NetworkQuestion } from './networkMessages.js';
import { troubleWith } from './networkTrouble.js';
import type { RunAnswer, RunQuestion } from './runMessages.js';
import { createGiveWay, workerScope } from './scope.js';

const { post, listen } = workerScope<NetworkQuestion | RunQuestion, NetworkAnswer | RunAnswer>();
const giveWay = createGiveWay();
const REPORT_MS = 100;
/** Matrices of more classes are not drawn. */
const MOST_DRAWN = 200;

listen((question) => void ('run' in question ? answerRun(question, post, giveWay) : answer(question)));

async function answer({ id, file, beside, names }: NetworkQuestion): Promise<void> {
  let reported = 0;
  try {
    const document = await measure({
      file: await openArrays(sourceOf(file)),
      names,
      loss: beside?.loss,
      weightDecays: beside?.weightDecays,
      featureDecay: beside?.featureDecay,
      variations: { classWeights: beside?.classWeights ?? undefined },
      blas: portableBlas,
      host: {
        yield: giveWay,
        onProgress(now) {
          if (now.phase === 'read') {
            post({ kind: 'reading', id, done: now.done, total: now.total });
            return;
          }
          const time = performance.now();
          if (time - reported < REPORT_MS) return;
          reported = time;
          const text =
            now.phase === 'solve' ? `step ${now.step}` : `${now.starts} starts, ${now.exchanges} exchanges`;
          post({ kind: 'solving', id, text });
        },
      },
    });
    const { geometry, prediction, counts } = document;
    const frames = geometry !== null && prediction !== null && counts.length <= MOST_DRAWN;
    post({ kind: 'done', id, document, frames });
    post({ kind: 'frames', id, predicted: frames ? await predictedGrams(prediction.problem) : null });
  } catch (error) {
    post({ kind: 'failed', id, message: troubleWith(file.name, error) });
  }
}

/** The document leaves the predicted matrices out: the same problem is solved once more for them. */
async function predictedGrams(problem: ProblemDocument): Promise<GramMatrices | null> {
  const again = await predictInSlices(createProblem(problem), portableBlas, { host: { yield: giveWay } });
  const { geometry } = documentOf(again);
  switch (geometry.kind) {
    case 'dense':
      return geometry;
    case 'diagonal':
      return {
        weights: diagonal(geometry.weights),
        features: diagonal(geometry.features),
        logits: diagonal(geometry.logits),
      };
    case 'omitted':
      return null;
    default:
      return geometry satisfies never;
  }
}

function diagonal(entries: readonly number[]): number[][] {
  return entries.map((entry, i) => entries.map((_, j) => (i === j ? entry : 0)));
}
