/** The cause: class sizes, the head, and what holds it back. */
import { useComputed } from '@preact/signals';
import type { JSX } from 'preact';
import { ceLimits } from '../state/ceLimits.js';
import { decayLimits } from '../state/limits.js';
import { facts } from '../state/predicted.js';
import { WEIGHTINGS } from '../link/checkState.js';
import { LIMITS } from '../link/labState.js';
import { PRESETS } from '../link/presets.js';
import { changeProblem, leap, state } from '../state/store.js';
import { Choice } from '../parts/Choice.js';
import { CountBars } from './CountBars.js';
import { CountsField } from './CountsField.js';
import { LogSlider } from '../parts/LogSlider.js';
import { NumberField } from '../parts/NumberField.js';
import { WEIGHTING_NAMES } from '../parts/weightingNames.js';

export function ProblemPanel(): JSX.Element {
  const { problem } = state.value;
  const limits = useComputed(() =>
    facts.value === null ? null : decayLimits(facts.value, ceLimits.value),
  ).value;
  const K = problem.counts.length;
  return (
    <section class="panel" aria-labelledby="problem-title" id="problem">
      <h2 id="problem-title" class="unseen">
        Problem
      </h2>
      <div class="row presets" role="group" aria-label="Class sizes to start from">
        {PRESETS.map(({ name, counts }) => (
          <button key={name} type="button" onClick={() => leap(() => changeProblem({ counts: counts(K) }))}>
            {name}
          </button>
        ))}
      </div>
      <CountBars />
      <CountsField>
        <ClassesStepper classes={K} />
      </CountsField>
      <Stepped
        label="Depth"
        symbol="M"
        value={problem.depth}
        range={LIMITS.depth}
        onChange={(depth) => changeProblem({ depth })}
      />
      <div class="control">
        <div class="control-head">
          <span>
            Width <i>d</i>
          </span>
          <NumberField
            label="Width"
            value={problem.width}
            range={LIMITS.width}
            whole
            onChange={(width) => changeProblem({ width })}
          />
        </div>
      </div>
      <LogSlider
        label="Weight decay"
        symbol="W"
        value={problem.weightDecay}
        range={LIMITS.weightDecay}
        limits={limits?.weight ?? []}
        onChange={(weightDecay) => changeProblem({ weightDecay })}
      />
      <LogSlider
        label="Feature decay"
        symbol="H"
        value={problem.featureDecay}
        range={LIMITS.featureDecay}
        limits={limits?.feature ?? []}
        onChange={(featureDecay) => changeProblem({ featureDecay })}
      />
      <Choice
        label="Loss"
        value={problem.loss}
        choices={[
          ['mse', 'squared error'],
          ['ce', 'cross-entropy'],
        ]}
        onChange={(loss) => changeProblem({ loss })}
      />
      <Choice
        label="Last-layer bias"
        value={problem.bias}
        choices={[
          ['none', 'none'],
          ['free', 'free'],
        ]}
        onChange={(bias) => changeProblem({ bias })}
      />
      <div class="control">
        <label class="field">
          <span>Class weights</span>
          <select
            value={problem.weighting}
            onChange={({ currentTarget }) => {
              const weighting = WEIGHTINGS.find((name) => name === currentTarget.value);
              if (weighting !== undefined) changeProblem({ weighting });
            }}
          >
            {WEIGHTINGS.map((name) => (
              <option key={name} value={name}>
                {WEIGHTING_NAMES[name]}
              </option>
            ))}
          </select>
        </label>
      </div>
    </section>
  );
}

function ClassesStepper({ classes }: { readonly classes: number }): JSX.Element {
  const { counts } = state.value.problem;
  const [fewest, most] = LIMITS.classes;
  return (
    <div class="stepper" role="group" aria-label="Number of classes">
      <button
        type="button"
        aria-label="One class fewer"
        disabled={classes <= fewest}
        onClick={() => changeProblem({ counts: counts.slice(0, -1) })}
      >
        −
      </button>
      <output>{classes} classes</output>
      <button
        type="button"
        aria-label="One class more"
        disabled={classes >= most}
        onClick={() => changeProblem({ counts: [...counts, counts[counts.length - 1]] })}
      >
        +
      </button>
    </div>
  );
}

interface SteppedProps {
  readonly label: string;
  readonly symbol: string;
  readonly value: number;
  readonly range: readonly [number, number];
  readonly onChange: (value: number) => void;
}

function Stepped({ label, symbol, value, range, onChange }: SteppedProps): JSX.Element {
  return (
    <div class="control">
      <div class="control-head">
        <label for="depth">
          {label} <i>{symbol}</i>
        </label>
        <output for="depth">
          {value} {value === 1 ? 'layer' : 'layers'}
        </output>
      </div>
      <input
        id="depth"
        type="range"
        min={range[0]}
        max={range[1]}
        step="1"
        value={value}
        onInput={(event) => onChange(Number(event.currentTarget.value))}
      />
    </div>
  );
}
