/** What the network was trained with: it decides the prediction that stands beside the measurement. */
import type { JSX } from 'preact';
import { Choice } from '../parts/Choice.js';
import { NumberField } from '../parts/NumberField.js';
import { LIMITS } from '../link/labState.js';
import { state } from '../state/store.js';
import { ClassWeightsField } from './ClassWeightsField.js';
import { DecaysField } from './DecaysField.js';
import { compareWith, comparison, partOne, result, sameSettings } from '../state/measuring.js';
import { LAMBDA_H, LAMBDA_W } from './words.js';

export function ComparisonFields(): JSX.Element {
  const chosen = comparison.value;
  const alone = chosen.beside === 'nothing';
  const ofProblem = { ...partOne.value, beside: 'prediction' as const };
  const asInExplore = sameSettings(chosen, ofProblem);
  return (
    <div class="beside">
      <Choice
        label="Do you know its loss and its decays?"
        value={chosen.beside}
        choices={[
          ['nothing', 'no: measures alone'],
          ['prediction', 'yes: compare with theory'],
        ]}
        onChange={(next) => compareWith({ beside: next })}
      />
      <p class="hint" id="beside-hint">
        Theory needs the loss and the decays <b>that your network was trained with</b>. Beside any others the
        comparison means nothing.
      </p>
      <fieldset class="own" disabled={alone} aria-describedby="beside-hint">
        <legend class="unseen">What the network was trained with</legend>
        <Choice
          label="Loss"
          value={chosen.loss}
          choices={[
            ['mse', 'squared error'],
            ['ce', 'cross-entropy'],
          ]}
          onChange={(loss) => compareWith({ loss })}
        />
        <div
          class="field"
          title="How strongly training held the weights of the head back. One number for all layers, or one for each with commas between, the layer nearest the features first."
        >
          <span>Weight decay {LAMBDA_W}</span>
          <DecaysField
            label="Weight decay of the network"
            value={chosen.weightDecays}
            range={LIMITS.networkDecay}
            onChange={(weightDecays) => compareWith({ weightDecays })}
          />
        </div>
        <Choice
          label="Feature decay"
          value={chosen.feature}
          choices={[
            ['given', 'a number'],
            ['fit', 'fitted to the file'],
          ]}
          onChange={(feature) => compareWith({ feature })}
        />
        <div
          class="field"
          title="How strongly training held the features back: it multiplies half their squared size, summed over all samples."
        >
          <span>Feature decay {LAMBDA_H}</span>
          <fieldset class="own" disabled={chosen.feature === 'fit'}>
            <legend class="unseen">Feature decay as a number</legend>
            <NumberField
              label="Feature decay of the network"
              value={chosen.featureDecay}
              range={LIMITS.networkDecay}
              onChange={(featureDecay) => compareWith({ featureDecay })}
            />
          </fieldset>
        </div>
        <ClassWeightsField
          value={chosen.classWeights}
          classes={result.value?.document.counts.length ?? state.value.problem.counts.length}
          onChange={(classWeights) => compareWith({ classWeights })}
        />
      </fieldset>
      <div class="row">
        <button
          type="button"
          disabled={asInExplore}
          title="Takes the loss, the decays and the class weights of the problem in Explore"
          onClick={() => compareWith(ofProblem)}
        >
          As in Explore
        </button>
      </div>
      <details class="explain">
        <summary>Which numbers are these?</summary>
        <p>
          Theory’s objective is half the squared distance between outputs and targets, averaged over samples
          (or the mean cross-entropy), plus {LAMBDA_W}/2 times the squared size of every layer of the head,
          plus {LAMBDA_H}/2 times the squared size of the features, summed over all samples. With that loss{' '}
          <code>weight_decay</code> of PyTorch’s SGD is {LAMBDA_W}. <code>nn.MSELoss</code> also averages over
          the K classes and has no half: multiply both decays by K/2. A feature penalty that your code
          averages over the samples is to be divided by their number.
        </p>
        <p>
          Class weights multiply the loss of each sample, and the sum is still divided by the number of
          samples. PyTorch’s <code>weight=</code> divides by the sum of the weights instead: multiply both
          decays by the mean weight of a sample.
        </p>
        <p>
          A network trained without a feature decay has no {LAMBDA_H} of its own. “Fitted to the file” finds
          the one number that balances its head against its features; of a series, those of its last file, and
          it holds for all. It differs from class to class: the result says how much, and a wide range means
          that no single number describes the network.
        </p>
      </details>
    </div>
  );
}
