/** Cross-entropy has no closed form in general: it is solved here, beside the page. A new question ends the last one. */
import { portableBlas as blas } from 'collapsar/core';
import type { Problem } from 'collapsar/model';
import { adviseInSlices, predictInSlices } from 'collapsar/verbs';
import { factsOf } from '../theory/facts.js';
import { createGiveWay, messageOf, workerScope } from './scope.js';
import type { LimitsAnswer, PredictAnswer, TheoryQuestion } from './theoryMessages.js';

const { post, listen } = workerScope<TheoryQuestion, PredictAnswer | LimitsAnswer>();
const giveWay = createGiveWay();
const REPORT_MS = 100;
let latest = 0;

listen((question) => {
  const { id, problem } = question;
  latest = id;
  const work = question.kind === 'predict' ? solve(id, problem) : bisect(id, problem);
  work.catch((error: unknown) => {
    if (id === latest) post({ kind: 'failed', id, message: messageOf(error) });
  });
});

/** A newer question ends the work on this one. */
const hostOfQuestion = (id: number) => ({
  yield: giveWay,
  signal: {
    get aborted() {
      return id !== latest;
    },
  },
});

async function solve(id: number, problem: Problem): Promise<void> {
  const tell = seldom((text) => post({ kind: 'progress', id, text }));
  const prediction = await predictInSlices(problem, blas, {
    host: {
      ...hostOfQuestion(id),
      onProgress: (progress) =>
        tell(
          progress.phase === 'solve'
            ? `step ${progress.step}`
            : `${progress.starts} starts, ${progress.exchanges} exchanges`,
        ),
    },
  });
  if (id === latest) post({ kind: 'done', id, facts: factsOf(prediction) });
}

async function bisect(id: number, problem: Problem): Promise<void> {
  const tell = seldom((text) => post({ kind: 'bisecting', id, text }));
  const document = await adviseInSlices({
    problem,
    featureDecay: 'fixed',
    blas,
    host: {
      ...hostOfQuestion(id),
      onProgress: ({ phase, done, total }) =>
        tell(
          phase === 'check' ? `checking ${done + 1} of ${total}` : `${Math.round((100 * done) / total)} %`,
        ),
    },
  });
  if (id === latest) post({ kind: 'limits', id, document });
}

/** Passes on a word of progress now and then. */
function seldom(post: (text: string) => void): (text: string) => void {
  let told = 0;
  return (text) => {
    const now = performance.now();
    if (now - told < REPORT_MS) return;
    told = now;
    post(text);
  };
}
