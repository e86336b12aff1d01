/** What is to be said of the step that is shown: its numbers, whether theory held, what went wrong. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { changeTraining, state } from '../state/store.js';
import { aboveText } from './above.js';
import { chosen, newest, shown } from '../state/history.js';
import { farewell } from '../state/farewell.js';
import * as session from '../state/session.js';
import * as conduct from '../state/training.js';

/** Numbers of features that take more than a second. */
const MANY = 2e6;

export function Figures(): JSX.Element {
  const objective = session.shownObjective.value;
  // Steps a second are of now, not of what is looked back at.
  const rate = session.looksBack.value ? null : session.rate.value;
  return (
    <dl class="figures">
      <div>
        <dt>step</dt>
        <dd id="step">{formatCount(session.shownStep.value)}</dd>
      </div>
      <div>
        <dt>steps a second</dt>
        <dd id="rate">{rate === null ? '–' : formatCount(Math.round(rate))}</dd>
      </div>
      <div>
        <dt>objective F</dt>
        <dd id="objective">{formatNumber(objective, 6)}</dd>
      </div>
      <div>
        <dt>above F*</dt>
        <dd id="above">{aboveText(objective, session.minimum.value)}</dd>
      </div>
    </dl>
  );
}

/** What is to be said of what is shown, in a room of one size. */
export function Words(): JSX.Element {
  const word = farewell.value;
  return (
    <div class="words">
      {word !== null && (
        <p class="hint farewell" role="status">
          {word}
        </p>
      )}
      <Judgement />
      <Preparing />
    </div>
  );
}

/** A large problem takes a while before its first step. */
function Preparing(): JSX.Element | null {
  const { counts, width } = state.value.problem;
  if (!session.preparing.value) return null;
  const numbers = width * counts.reduce((sum, n) => sum + n, 0);
  return (
    <p class="hint" role="status">
      Drawing the start: {formatCount(numbers)} numbers for the features
      {numbers > MANY ? ', which takes seconds; fewer samples or a smaller width start sooner' : ''} …
    </p>
  );
}

function Judgement(): JSX.Element | null {
  const status = session.status.value;
  switch (status) {
    case 'idle':
      return (
        <p class="hint">Train to see gradient descent move the measured frame over the predicted one.</p>
      );
    case 'replay': {
      const from = session.source.value;
      const end = from?.end ?? null;
      const when = from?.monitored == null ? 'How the run ended, at step' : 'At its last measured epoch,';
      return end === null ? null : (
        <p class={`verdict ${end.held === true ? 'held' : ''}`}>
          {when} {formatCount(end.step)}: {end.sentence}
        </p>
      );
    }
    case 'running':
    case 'paused':
    case 'finished':
    case 'diverged':
    case 'failed':
      return <Verdict status={status} />;
    default:
      return status satisfies never;
  }
}

function Verdict({ status }: { readonly status: session.SessionStatus }): JSX.Element | null {
  const past = chosen.value;
  const last = newest.value;
  const more = shown.value?.more ?? null;
  if (more === null || last === null) return null;
  if (past !== null)
    return (
      <p class="verdict">
        <b>Looking back at step {formatCount(past.record.step)}.</b>{' '}
        {status === 'running' && 'The training goes on. '}
        {more.soFar}
      </p>
    );
  if (status === 'diverged' || status === 'failed') return null;
  const stands = (status === 'paused' || status === 'finished') && last.record.step === session.step.value;
  const { held, sentence } = stands ? more.verdict : { held: null, sentence: more.soFar };
  return (
    <p class={`verdict ${held === true ? 'held' : ''}`} aria-live={stands ? 'polite' : 'off'}>
      {!stands && <b>Measured at step {formatCount(last.record.step)}. </b>}
      {sentence}
    </p>
  );
}

export function Trouble(): JSX.Element | null {
  const ended = session.divergence.value;
  const failure = session.failure.value;
  if (failure !== null)
    return (
      <p class="wrong" role="alert">
        {failure}
      </p>
    );
  if (ended === null) return null;
  const stable = session.saferRate.value;
  return (
    <div class="alert" role="alert">
      <p>
        <b>Training diverged</b> at step {formatCount(ended.step)}:{' '}
        {ended.objective === null
          ? 'the objective is no longer a finite number'
          : `the objective has grown to ${formatNumber(ended.objective)}`}
        .
      </p>
      {stable === null && <p class="hint">Looking for a rate at which it is stable …</p>}
      {stable === 'none' && (
        <p class="hint">From this start no rate of the lab is stable: try a smaller scale.</p>
      )}
      {typeof stable === 'number' && (
        <button
          type="button"
          class="main"
          onClick={() => {
            changeTraining({ learningRate: stable });
            conduct.restart();
          }}
        >
          Restart with the stable rate {stable}
        </button>
      )}
    </div>
  );
}
