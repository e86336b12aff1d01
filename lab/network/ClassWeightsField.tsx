/** How much a sample of each class counted in the loss: by name, or a number for each class. */
import type { JSX } from 'preact';
import { WEIGHTINGS } from '../link/checkState.js';
import { LIMITS, type NetworkState } from '../link/labState.js';
import { TypedField } from '../parts/TypedField.js';
import { WEIGHTING_NAMES } from '../parts/weightingNames.js';

interface Props {
  readonly value: NetworkState['classWeights'];
  /** As far as it is known. */
  readonly classes: number;
  readonly onChange: (value: NetworkState['classWeights']) => void;
}

const LISTED = 'listed';

export function ClassWeightsField({ value, classes, onChange }: Props): JSX.Element {
  const listed = typeof value === 'string' ? null : value;
  return (
    <>
      <label
        class="field"
        title="How much a sample counted in the loss by its class. The loss is still divided by the number of samples."
      >
        <span>Class weights</span>
        <select
          aria-label="Class weights of the network"
          value={typeof value === 'string' ? value : LISTED}
          onChange={({ currentTarget }) =>
            onChange(
              WEIGHTINGS.find((name) => name === currentTarget.value) ?? new Array<number>(classes).fill(1),
            )
          }
        >
          {WEIGHTINGS.map((name) => (
            <option key={name} value={name}>
              {WEIGHTING_NAMES[name]}
            </option>
          ))}
          <option value={LISTED}>a number for each class</option>
        </select>
      </label>
      {listed !== null && (
        <div class="field">
          <span>Weights, class 0 first</span>
          <TypedField
            label="Weight of each class"
            value={listed}
            format={(weights) => weights.join(', ')}
            expected="a number above 0 for each class, with commas between"
            parse={weightsOf}
            onChange={onChange}
          />
        </div>
      )}
    </>
  );
}

function weightsOf(text: string): readonly number[] | null {
  const [fewest, most] = LIMITS.networkClasses;
  const weights = text
    .trim()
    .split(/[\s,;]+/)
    .map((part) => (/^[\d.e+-]+$/i.test(part) ? Number(part) : NaN));
  const fine = weights.every((weight) => weight > 0 && Number.isFinite(weight));
  return fine && weights.length >= fewest && weights.length <= most ? weights : null;
}
