/** The measurement of a file beside theory: the verdict, class by class, and the document to save. */
import { formatExact, formatNumber } from 'collapsar/report';
import type { GramMatrices } from 'collapsar/runs';
import type { MeasureDocument, MeasuredGrams } from 'collapsar/verbs';
import type { JSX } from 'preact';
import { WEIGHTING_NAMES } from '../parts/weightingNames.js';
import { Drawn } from '../parts/Drawn.js';
import { SaveJson } from '../parts/SaveJson.js';
import type { Beside } from '../workers/networkMessages.js';
import type { Result } from '../state/measuring.js';
import { CrossEntropyTables } from './CrossEntropyTables.js';
import { FrameTable } from './MeasureTables.js';
import { NetworkClasses } from './NetworkClasses.js';
import { NetworkGrams } from './NetworkGrams.js';
import { decays, LAMBDA_H, LAMBDA_W, LOSSES, short } from './words.js';

export function NetworkResult({ result }: { readonly result: Result }): JSX.Element {
  const { document: measured, beside, predicted } = result;
  const { verdict, prediction } = measured;
  return (
    <div class="network-result">
      <ComparedWith document={measured} beside={beside} />
      {verdict?.warnings.map((warning) => (
        <p key={warning} class="hint">
          {warning}
        </p>
      ))}
      {measured.lossConvention !== null && <p class="hint">{measured.lossConvention}.</p>}
      {verdict !== null && <p class={`verdict ${verdict.held === true ? 'held' : ''}`}>{verdict.sentence}</p>}
      {prediction !== null && prediction.note !== null && <p class="hint">{prediction.note}</p>}
      <div class="row">
        <SaveJson name={`${measured.file.replace(/\.[^.]*$/, '')}.measure.json`} document={measured} />
        <span class="hint">
          the document of <code>{commandFor(measured.file, beside)}</code>
        </span>
      </div>
      <h3>Class by class</h3>
      <Drawn
        on={[measured]}
        draw={({ classNorms }, page) =>
          classNorms({ classes: measured.classes }, { document: page, where: 'in the file' })
        }
      />
      <NetworkClasses document={measured} />
      <FrameTable document={measured} />
      <CrossEntropyTables document={measured} />
      {isWithHead(measured.geometry) && (
        <NetworkGrams measured={measured.geometry} predicted={predicted} expected={prediction !== null} />
      )}
    </div>
  );
}

/** Features alone have no frame of a classifier to draw. */
function isWithHead(grams: MeasuredGrams | null): grams is GramMatrices {
  return grams !== null && grams.weights !== null && grams.logits !== null;
}

/** Which prediction stands beside the measurement, in plain words. */
function ComparedWith({
  document: { prediction, predictionNote, fittedFeatureDecay: fitted, verdict },
  beside,
}: {
  readonly document: MeasureDocument;
  readonly beside: Beside | null;
}): JSX.Element {
  if (prediction === null)
    return (
      <p class="compared">
        {beside === null
          ? 'Compared with nothing, as chosen: these are the measures alone.'
          : `Compared with nothing: ${(predictionNote ?? '').replace(/^no prediction: /, '')}.`}
      </p>
    );
  const { loss, bias, weightDecays, featureDecay, widths } = prediction.problem;
  return (
    <div class="compared">
      <p>
        Compared with the prediction for <b>{LOSSES[loss]}</b>
        {weightWords(beside)}, {LAMBDA_W} = <b data-compared="weight-decay">{decays(weightDecays)}</b>,{' '}
        {LAMBDA_H} ={' '}
        <b data-compared="feature-decay">
          {fitted === null ? formatExact(featureDecay) : short(featureDecay)}
        </b>{' '}
        {howFound(fitted !== null, beside?.fittedIn ?? null)}; from the file: its class sizes,{' '}
        {bias === 'none' ? 'no bias' : 'a free bias'}, width {decays(widths)}.
      </p>
      {fitted !== null && (
        <p>
          {LAMBDA_H} was fitted: <span data-compared="fitted">{short(fitted.value)}</span> (class by class
          from <span data-compared="fitted-low">{short(fitted.range[0])}</span> to{' '}
          <span data-compared="fitted-high">{short(fitted.range[1])}</span>).
        </p>
      )}
      <p>
        It predicts: <b>{prediction.frame}</b>, rank {prediction.rank} of {prediction.problem.counts.length};{' '}
        {prediction.optimality === 'global' ? 'the global minimum' : 'the best known value'} is F* ={' '}
        {formatNumber(prediction.objective, 6)}
        {verdict?.objectiveAtMeans != null && (
          <>, and the network has {formatNumber(verdict.objectiveAtMeans, 6)} at its class means</>
        )}
        .
      </p>
      {predictionNote !== null && <p class="hint">{predictionNote}</p>}
    </div>
  );
}

function howFound(isFitted: boolean, fittedIn: string | null): string {
  if (isFitted) return '(fitted to the file)';
  return fittedIn === null ? '(as given)' : `(fitted to ${fittedIn}, the last of the series)`;
}

function weightWords(beside: Beside | null): string {
  const weights = beside?.classWeights ?? null;
  if (weights === null) return '';
  return ` with class weights ${typeof weights === 'string' ? WEIGHTING_NAMES[weights] : weights.map(formatExact).join(', ')}`;
}

/** The command that prints the same document. */
function commandFor(name: string, beside: Beside | null): string {
  const quoted = /^[\w.+@%-]+$/.test(name) ? name : `'${name.replaceAll("'", "'\\''")}'`;
  const options =
    beside === null
      ? ''
      : ` --loss ${beside.loss} --weight-decay ${beside.weightDecays.map(formatExact).join(',')} --feature-decay ${
          beside.featureDecay === 'fit' ? 'fit' : formatExact(beside.featureDecay)
        }${weightsOption(beside)}`;
  return `collapsar measure ${quoted}${options} --json`;
}

function weightsOption({ classWeights }: Beside): string {
  if (classWeights === null) return '';
  return ` --class-weights ${typeof classWeights === 'string' ? classWeights : classWeights.map(formatExact).join(',')}`;
}
