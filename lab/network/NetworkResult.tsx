/** The measurement of a file, as `collapsar measure` prints it. */
import { formatCount, formatNumber } from 'collapsar/report';
import type { MeasureDocument } from 'collapsar/verbs';
import type { JSX } from 'preact';
import { Drawn } from '../page/Drawn.js';

export function NetworkResult({ document: found }: { readonly document: MeasureDocument }): JSX.Element {
  const measures: readonly (readonly [key: string, name: string, value: number | null])[] = [
    ['nc1', 'NC1, tr(Σ_W Σ_B⁺)/K', found.nc1.pinv],
    ['quotient', 'NC1, tr Σ_W / tr Σ_B', found.nc1.quotient],
    ['cdnv', 'CDNV', found.cdnv],
    ['nc2-weights', 'NC2, PPᵀ from the predicted frame', found.nc2.weights.predicted],
    ['nc2-features', 'NC2, H̄ᵀH̄ from the predicted frame', found.nc2.features.predicted],
    ['nc2-etf', 'NC2, PPᵀ from a simplex ETF', found.nc2.weights.etf],
    ['nc3', 'NC3, P from H̄ᵀ', found.nc3.duality],
    ['nc4', 'NC4, agreement with the nearest mean', found.nc4],
    ['accuracy', 'accuracy', found.accuracy],
  ];
  return (
    <div class="network-result">
      <p class="lead" role="status">
        <b>{found.file}</b>: {formatCount(found.samples)} samples, {found.counts.length} classes, d ={' '}
        {found.dimension}
        {found.depth === null
          ? ', no head'
          : `, a head of ${found.depth} layer${found.depth === 1 ? '' : 's'}`}
        .
      </p>
      {found.verdict !== null && <p class="verdict">{found.verdict.sentence}</p>}
      {found.predictionNote !== null && <p class="hint">{found.predictionNote}</p>}
      <table class="measures">
        <tbody>
          {measures.map(([key, name, value]) => (
            <tr key={key}>
              <th scope="row" class="text">
                {name}
              </th>
              <td data-measure={key}>{formatNumber(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Drawn
        on={[found]}
        draw={({ classNorms }, page) => classNorms({ classes: found.classes }, { document: page })}
      />
    </div>
  );
}
