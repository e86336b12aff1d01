/** Cross-entropy has no closed form in general: it is solved here, beside the page. A new question ends the last one. */
import { portableBlas } from 'collapsar/core';
import { predictInSlices } from 'collapsar/verbs';
import { factsOf } from '../prediction/facts.js';
import { createGiveWay, messageOf, workerScope } from './scope.js';
import type { TheoryAnswer, TheoryQuestion } from './theoryMessages.js';

const { post, listen } = workerScope<TheoryQuestion, TheoryAnswer>();
const giveWay = createGiveWay();
const REPORT_MS = 100;
let latest = 0;

listen(({ id, problem }) => {
  latest = id;
  void solve(id, problem);
});

async function solve(id: number, problem: TheoryQuestion['problem']): Promise<void> {
  let reported = 0;
  try {
    const prediction = await predictInSlices(problem, portableBlas, {
      pause: giveWay,
      shouldStop: () => id !== latest,
      onProgress(progress) {
        const now = performance.now();
        if (now - reported < REPORT_MS) return;
        reported = now;
        const text =
          progress.phase === 'solve'
            ? `step ${progress.step}`
            : `start ${progress.done} of ${progress.total}`;
        post({ kind: 'progress', id, text });
      },
    });
    if (id === latest) post({ kind: 'done', id, facts: factsOf(prediction) });
  } catch (error) {
    if (id === latest) post({ kind: 'failed', id, message: messageOf(error) });
  }
}
