/** NC1 … NC4 of a file with a few words on each, and the distances from the frames that theory knows. */
import { formatNumber } from 'collapsar/report';
import type { MeasureDocument } from 'collapsar/verbs';
import type { ComponentChildren, JSX } from 'preact';
import { LAMBDA_W, percent } from './words.js';

const SIGMA_W = (
  <>
    Σ<sub>W</sub>
  </>
);
const SIGMA_B = (
  <>
    Σ<sub>B</sub>
  </>
);

interface Row {
  readonly key: string;
  readonly name: ComponentChildren;
  readonly meaning: string;
  readonly value: string;
}

/** What does not exist in a file is left out, as on the command line. */
export function MeasureTable({ document: measured }: { readonly document: MeasureDocument }): JSX.Element {
  const { nc1, nc2, nc3, cdnv, nc4, accuracy, balancedness } = measured;
  const row = (
    key: string,
    name: ComponentChildren,
    meaning: string,
    value: number | null,
    show = plain,
  ): Row => ({
    ...{ key, name, meaning },
    value: show(value),
  });
  const rows = [
    row(
      'nc1',
      <>
        NC1, tr({SIGMA_W} {SIGMA_B}⁺)/K
      </>,
      'scatter within classes, against that between class means; 0: each class is one point',
      nc1.pinv,
    ),
    row(
      'nc1-weighted',
      <>NC1, {SIGMA_B} weighted by n/N</>,
      'the same, where large classes count for more',
      nc1.pinvWeighted,
    ),
    row(
      'quotient',
      <>
        NC1, tr {SIGMA_W} / tr {SIGMA_B}
      </>,
      'total scatter within classes over total scatter between them',
      nc1.quotient,
    ),
    row(
      'cdnv',
      'CDNV',
      'scatter of two classes over the squared distance of their means, mean over pairs',
      cdnv,
    ),
    row(
      'equinorm',
      'NC2, equal norms',
      'centred class means: spread of their lengths over their mean; 0: all as long',
      nc2.equinorm,
    ),
    row(
      'equiangular',
      'NC2, equal angles',
      'mean |cos + 1/(K−1)| of centred class means; 0: as far from each other as can be',
      nc2.equiangular,
    ),
    row('cosine-mean', 'NC2, cosines', 'between centred class means, mean', nc2.cosineMean),
    row('cosine-sd', 'NC2, cosines, spread', 'their standard deviation', nc2.cosineSd),
    row(
      'nc3',
      'NC3, P from H̄ᵀ',
      'classifier rows against class means; 0: the same up to scale, 2: opposite',
      nc3.duality,
    ),
    row(
      'nc3-centred',
      'NC3, means centred',
      'the same, after the mean of all samples is taken off',
      nc3.dualityCentred,
    ),
    row(
      'nc3-predicted',
      'NC3, P from ΔH̄ᵀ',
      'the same, each mean weighted as theory predicts it: its duality on unequal classes',
      nc3.dualityPredicted,
    ),
    row(
      'nc4',
      'NC4',
      'share of samples where the classifier decides as the nearest class mean would',
      nc4,
      percent,
    ),
    row('accuracy', 'accuracy', 'share of samples that the classifier gets right', accuracy, percent),
    ...(balancedness ?? []).map((value, m) =>
      row(
        `balance-${m + 1}`,
        `Balance, W${m + 1} to W${m + 2}`,
        'neighbouring layers at a minimum are balanced: 0; with the decays above',
        value,
      ),
    ),
  ].filter(({ value }) => value !== '–');
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Measures">
      <table class="measures">
        <thead>
          <tr>
            <th scope="col" class="text">
              measure
            </th>
            <th scope="col">value</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, meaning, value }) => (
            <tr key={key}>
              <th scope="row" class="text">
                {name} <span class="meaning">{meaning}</span>
              </th>
              <td data-measure={key}>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const FRAMES = [
  ['predicted', 'predicted', 'for the loss and the decays named above'],
  ['orthogonal', 'right angles', 'every two classes at right angles, all as long'],
  ['etf', 'simplex', 'the simplex ETF: every two classes as far from each other as can be, all as long'],
] as const;

/** Distances of the three matrices from a frame, both scaled to norm one. */
export function FrameTable({
  document: measured,
}: {
  readonly document: MeasureDocument;
}): JSX.Element | null {
  const { nc2, nc3, seli, prediction } = measured;
  const matrices = [
    ['nc2-weights', 'NC2, PPᵀ', nc2.weights, seli?.weights],
    ['nc2-features', 'NC2, H̄ᵀH̄', nc2.features, seli?.features],
    ['nc3-logits', 'NC3, PH̄', nc3, seli?.logits],
  ] as const;
  const frames = FRAMES.filter(([key]) => matrices.some(([, , distances]) => distances[key] !== null));
  if (frames.length === 0) return null;
  // On equal counts SELI is the simplex.
  const hasSeli = seli !== null && prediction?.problem.loss === 'ce';
  return (
    <>
      <h3>How far it is from a frame</h3>
      <div class="scroll" tabIndex={0} role="region" aria-label="Distances from frames">
        <table class="measures">
          <thead>
            <tr>
              <th scope="col" class="text">
                matrix
              </th>
              {frames.map(([key, name, meaning]) => (
                <th key={key} scope="col" title={meaning}>
                  {name}
                </th>
              ))}
              {hasSeli && (
                <th
                  scope="col"
                  title="the frame of unequal classes as decays vanish (Thrampoulidis et al. 2022)"
                >
                  SELI
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {matrices.map(([key, name, distances, fromSeli]) => (
              <tr key={key}>
                <th scope="row" class="text">
                  {name}
                </th>
                {frames.map(([frame]) => (
                  <td key={frame} data-measure={frame === 'predicted' ? key : `${key}-${frame}`}>
                    {formatNumber(distances[frame])}
                  </td>
                ))}
                {hasSeli && <td data-measure={`${key}-seli`}>{formatNumber(fromSeli)}</td>}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p class="hint">
        PPᵀ holds the inner products of the classifier’s rows, H̄ᵀH̄ those of the class means, PH̄ the logits of
        the class means. Both sides are scaled to norm 1: 0 is the same shape, 2 the opposite. The mean of all
        samples centres the means, and {SIGMA_B} has rank {measured.rank}.
        {hasSeli && ' SELI: the frame that unequal classes take under cross-entropy as the decays vanish.'}
        {(measured.balancedness ?? []).length > 0 && (
          <> Balance compares the layers at {LAMBDA_W} of the prediction.</>
        )}
      </p>
    </>
  );
}

function plain(value: number | null): string {
  return formatNumber(value);
}
