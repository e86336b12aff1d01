/** The effect: gradient descent, live, against the prediction. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { JSX } from 'preact';
import { Explain } from '../explain/Explain.js';
import { predicted } from '../prediction/predicted.js';
import { NumberField } from '../problem/NumberField.js';
import { LIMITS } from '../state/labState.js';
import { changeTraining, state } from '../state/store.js';
import { MeasureCharts } from './MeasureCharts.js';
import * as session from './session.js';

export function TrainingPanel(): JSX.Element {
  const { training } = state.value;
  const status = session.status.value;
  const { facts, stale } = predicted.value;
  const ready = facts !== null && !stale;
  return (
    <section class="panel" aria-labelledby="training-title" id="training">
      <h2 id="training-title">
        <span class="ordinal">3</span> Training
      </h2>
      <div class="row" role="group" aria-label="Training">
        {status === 'running' ? (
          <button type="button" class="main" onClick={session.pause}>
            Pause
          </button>
        ) : (
          <button type="button" class="main" disabled={!ready || status === 'diverged'} onClick={session.go}>
            {status === 'paused' ? 'Go on' : 'Train'}
          </button>
        )}
        <button
          type="button"
          disabled={!ready || status === 'running' || status === 'diverged'}
          onClick={() => session.advance(1)}
        >
          One step
        </button>
        <button type="button" disabled={!ready} onClick={session.restart}>
          Restart
        </button>
        <button type="button" disabled={!ready} onClick={session.restartWithNextSeed}>
          Another seed
        </button>
      </div>
      <div class="fields">
        <Field label="Seed" value={training.seed} range={LIMITS.seed} whole name="seed" />
        <Field label="Scale of the start" value={training.scale} range={LIMITS.scale} name="scale" />
        <Field
          label="Learning rate"
          value={training.learningRate}
          range={LIMITS.learningRate}
          name="learningRate"
        />
        <Field label="Momentum" value={training.momentum} range={LIMITS.momentum} name="momentum" />
      </div>
      <Progress />
      <Trouble />
      <MeasureCharts />
      <Explain topic="training" />
      <Explain topic="collapse" />
    </section>
  );
}

interface FieldProps {
  readonly label: string;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly whole?: boolean;
  readonly name: 'seed' | 'scale' | 'learningRate' | 'momentum';
}

function Field({ label, value, range, whole = false, name }: FieldProps): JSX.Element {
  return (
    <div class="field">
      <span>{label}</span>
      <NumberField
        label={label}
        value={value}
        range={range}
        whole={whole}
        onChange={(next) => changeTraining({ [name]: next })}
      />
    </div>
  );
}

function Progress(): JSX.Element {
  const status = session.status.value;
  const minimum = predicted.value.facts?.objective ?? null;
  const objective = session.objective.value;
  const verdict = session.verdict.value;
  const above =
    objective === null || minimum === null ? null : (objective - minimum) / Math.max(minimum, 1e-300);
  return (
    <>
      <dl class="figures">
        <div>
          <dt>step</dt>
          <dd id="step">{formatCount(session.step.value)}</dd>
        </div>
        <div>
          <dt>steps a second</dt>
          <dd id="rate">{session.rate.value === null ? '–' : formatCount(Math.round(session.rate.value))}</dd>
        </div>
        <div>
          <dt>objective F</dt>
          <dd id="objective">{formatNumber(objective, 6)}</dd>
        </div>
        <div>
          <dt>above F*</dt>
          <dd id="above">{above === null ? '–' : `${formatNumber(100 * above, 2)} %`}</dd>
        </div>
      </dl>
      {status === 'idle' && (
        <p class="hint">Train to see gradient descent move the measured frame over the predicted one.</p>
      )}
      {verdict !== null && status !== 'diverged' && (
        <p
          class={`verdict ${verdict.held === true ? 'held' : ''}`}
          aria-live={status === 'running' ? 'off' : 'polite'}
        >
          {verdict.sentence}
        </p>
      )}
    </>
  );
}

function Trouble(): JSX.Element | null {
  const ended = session.divergence.value;
  const failure = session.failure.value;
  if (failure !== null)
    return (
      <p class="wrong" role="alert">
        {failure}
      </p>
    );
  if (ended === null) return null;
  const stable = ended.stableRate;
  return (
    <div class="alert" role="alert">
      <p>
        <b>Training diverged</b> at step {formatCount(ended.step)}:{' '}
        {ended.objective === null
          ? 'the objective is no longer a finite number'
          : `the objective has grown to ${formatNumber(ended.objective)}`}
        .
      </p>
      {stable !== null && (
        <button
          type="button"
          class="main"
          onClick={() => {
            changeTraining({ learningRate: stable });
            session.restart();
          }}
        >
          Restart with the stable rate {stable}
        </button>
      )}
    </div>
  );
}
