/** The effect: gradient descent, live, against the prediction. */
import type { JSX } from 'preact';
import { predicted } from '../state/predicted.js';
import { NumberField } from '../parts/NumberField.js';
import { LIMITS } from '../link/labState.js';
import { changeTraining, state } from '../state/store.js';
import { Figures, Trouble, Words } from './Judgement.js';
import { RecordedClasses, ReplayNotice } from './ReplayNotice.js';
import { Scrubber } from './Scrubber.js';
import * as session from '../state/session.js';
import * as conduct from '../state/training.js';
import { canUndo, undo } from '../state/undo.js';

export function TrainingPanel(): JSX.Element {
  const { training } = state.value;
  const status = session.status.value;
  const { facts, stale } = predicted.value;
  const ready = facts !== null && !stale;
  return (
    <section class="panel" aria-labelledby="training-title" id="training">
      <h2 id="training-title" class="unseen">
        Training
      </h2>
      <div class="row" role="group" aria-label="Training">
        {status === 'running' ? (
          <button type="button" class="main train" onClick={conduct.pause}>
            Pause
          </button>
        ) : (
          <button
            type="button"
            class="main train"
            disabled={!ready || status === 'diverged' || status === 'finished'}
            onClick={conduct.go}
          >
            {status === 'paused' || status === 'finished' ? 'Go on' : 'Train'}
          </button>
        )}
        <button
          type="button"
          disabled={!ready || status === 'running' || status === 'diverged'}
          onClick={() => conduct.advance(1)}
        >
          One step
        </button>
        <button type="button" disabled={!ready || status === 'replay'} onClick={conduct.restart}>
          Restart
        </button>
        <button type="button" disabled={!ready} onClick={conduct.restartWithNextSeed}>
          Another seed
        </button>
        <button type="button" disabled={!canUndo.value} onClick={undo} title="Take the last change back">
          Undo
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
      <ReplayNotice />
      <Scrubber />
      <Figures />
      <Trouble />
      <Words />
      <RecordedClasses />
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
