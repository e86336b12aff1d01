/** The one picture that stays in view: samples, means, arrows and the prediction, with what moves them. */
import { formatCount } from 'collapsar/report';
import type { JSX } from 'preact';
import { AngleStrip } from '../frame/AngleStrip.js';
import { FramePanel } from '../frame/FramePanel.js';
import { predicted } from '../state/predicted.js';
import { farewell } from '../state/farewell.js';
import * as session from '../state/session.js';
import { StageBar } from '../training/StageBar.js';

export function Stage(): JSX.Element {
  return (
    <div class="stage" id="stage">
      <FramePanel manner="story" />
      <StageBar />
      <p class="stage-words" role="status">
        {words()}
      </p>
      <AngleStrip />
    </div>
  );
}

/** Share of the objective: what is left of it above the least near a threshold, where everything is slow, is below. */
const AGREEMENT = 1e-3;

/** Only at the minimum it has converged to what is taught here. */
function atRest(): string {
  const steps = `${formatCount(session.step.value)} steps`;
  const [reached, least] = [session.objective.value, session.minimum.value];
  return reached !== null && least !== null && reached > (1 + AGREEMENT) * least
    ? `Came to rest after ${steps}, but not at the minimum. Play again starts anew.`
    : `Converged after ${steps}.`;
}

/** Where the training is, in a line. */
function words(): string {
  const { facts, stale, failure, progress } = predicted.value;
  if (failure !== null) return failure;
  if (stale || facts === null) return `Theory is being worked out: ${progress ?? ''} …`;
  const status = session.status.value;
  switch (status) {
    case 'idle':
      return 'Where theory says they will end. Press Play to see the samples and train.';
    case 'running':
    case 'paused':
      return farewell.value ?? 'A real training, run in this page just now.';
    case 'finished':
      return atRest();
    case 'diverged':
      return 'The training diverged: nothing of it is left.';
    case 'failed':
      return session.failure.value ?? '';
    case 'replay':
      return 'Records of a run.';
    default:
      return status satisfies never;
  }
}
