/** Class by class, measured beside predicted; columns without any number are left out, as on the command line. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { ClassComparison } from 'collapsar/runs';
import type { MeasureDocument } from 'collapsar/verbs';
import { Fragment, type JSX } from 'preact';
import { regimeOf } from '../theory/regime.js';
import { Head, LAMBDA_H, percent } from './words.js';

/** More rows are cut; the JSON has them all. */
const MOST_ROWS = 500;
/** From here on the table scrolls in its own box. */
const MANY = 24;

const PAIRS = [
  ['weight-norm', '‖p‖', 'length of the class’s row of the classifier', 'weightNorm', 'predictedWeightNorm'],
  ['feature-norm', '‖h̄‖', 'length of the class’s mean feature', 'featureNorm', 'predictedFeatureNorm'],
  ['fit', 'fit', 'how much of its target the class reaches, from 0 to 1', 'fit', 'predictedFit'],
] as const;

export function NetworkClasses({ document: result }: { readonly document: MeasureDocument }): JSX.Element {
  const { classes, prediction, fittedFeatureDecay: fitted } = result;
  const theory = prediction !== null;
  const pairs = PAIRS.filter(([, , , measured, predicted]) =>
    classes.some((row) => row[measured] !== null || row[predicted] !== null),
  );
  const accuracy = classes.some((row) => row.accuracy !== null);
  const centred = classes.some(({ centredFeatureNorm }) => centredFeatureNorm != null);
  const rows = classes
    .slice(0, MOST_ROWS)
    .map((row) => ({ ...row, featureNorm: row.centredFeatureNorm ?? row.featureNorm }));
  return (
    <>
      <div
        class={`scroll${classes.length > MANY ? ' tall' : ''}`}
        tabIndex={0}
        role="region"
        aria-label="Classes of the network"
      >
        <table class="network-classes">
          <thead>
            <tr>
              <th scope="col" class="text" rowSpan={theory ? 2 : 1} title="numbered from 0, as labels are">
                class
              </th>
              <th scope="col" rowSpan={theory ? 2 : 1} title="samples of the class">
                n
              </th>
              {theory && (
                <Head meaning="what became of the class, and what theory says of it" span={2}>
                  the class is
                </Head>
              )}
              {pairs.map(([key, name, meaning]) => (
                <Head key={key} meaning={meaning} {...(theory ? { span: 2 } : {})}>
                  {name}
                </Head>
              ))}
              {accuracy && (
                <th
                  scope="col"
                  rowSpan={theory ? 2 : 1}
                  title="share of its samples that the head gets right"
                >
                  accuracy
                </th>
              )}
              {fitted !== null && (
                <th scope="col" rowSpan={2} title="the feature decay that this class alone would give">
                  {LAMBDA_H} fitted
                </th>
              )}
            </tr>
            {theory && (
              <tr>
                <th scope="col" class="text">
                  measured
                </th>
                <th scope="col" class="text">
                  predicted
                </th>
                {pairs.map(([key]) => (
                  <Fragment key={key}>
                    <th scope="col">measured</th>
                    <th scope="col">predicted</th>
                  </Fragment>
                ))}
              </tr>
            )}
          </thead>
          <tbody>
            {rows.map((row, k) => (
              <tr key={k} data-class={k}>
                <th scope="row" class="text">
                  {k}
                </th>
                <td>{formatCount(row.count)}</td>
                {theory && (
                  <>
                    <Outcome one={row} />
                    <Expected one={row} separated={prediction.classes[k]?.separated ?? null} />
                  </>
                )}
                {pairs.map(([key, , , measured, predicted]) => (
                  <Fragment key={key}>
                    <td class={`${key} found`}>{formatNumber(row[measured])}</td>
                    {theory && <td class={`${key} expected`}>{formatNumber(row[predicted])}</td>}
                  </Fragment>
                ))}
                {accuracy && <td class="accuracy">{percent(row.accuracy)}</td>}
                {fitted !== null && <td class="class-decay">{formatNumber(fitted.classes[k])}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        ‖p‖: length of the class’s row of the classifier; ‖h̄‖: length of its mean feature
        {centred && ', less the mean over all samples, as the bias is free'}
        {theory && '; fit: how much of its target it reaches, from 0 to 1'}. Classes are numbered from 0.
      </p>
      {rows.length < classes.length && (
        <p class="hint">
          The first {MOST_ROWS} of {formatCount(classes.length)} classes; the JSON has them all.
        </p>
      )}
    </>
  );
}

function Outcome({ one: { measured } }: { readonly one: ClassComparison }): JSX.Element {
  switch (measured) {
    case 'alive':
      return (
        <td class="text outcome" title="it reaches a good part of its target">
          <span aria-hidden="true">●</span> alive
        </td>
      );
    case 'lost':
      return (
        <td class="text outcome lost" title="its row and its mean are too small to reach any of its target">
          <span aria-hidden="true">✕</span> lost
        </td>
      );
    case null:
      return (
        <td class="text outcome" title="not small, yet it does not reach its target">
          <span aria-hidden="true">–</span> neither
        </td>
      );
    default:
      return measured satisfies never;
  }
}

/** Cross-entropy has no regimes: what is known is whether the class stands apart from the others. */
function Expected({
  one: row,
  separated,
}: {
  readonly one: ClassComparison;
  readonly separated: boolean | null;
}): JSX.Element {
  if (row.regime === null)
    return (
      <td class="text regime" title="whether the predicted logits tell the class from all others">
        {separationWord(separated)}
      </td>
    );
  const look = regimeOf({ regime: row.regime, fit: row.predictedFit ?? 0 });
  return (
    <td class="text regime" title={look.meaning}>
      <span aria-hidden="true">{look.sign}</span> {look.word}
    </td>
  );
}

function separationWord(separated: boolean | null): string {
  if (separated === null) return '–';
  return separated ? 'separated' : 'not separated';
}
