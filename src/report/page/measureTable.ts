/** The measures at the end of the run, in numbers. */
import type { MeasuresRecord } from '../../runs/records.js';
import { html, type Html } from './html.js';
import { numberCell, tableBox } from './table.js';

/** `where` says which state was measured. */
export function measureTable(measures: MeasuresRecord, where: string): Html {
  const { nc1, nc2, nc3 } = measures;
  const plain: readonly (readonly [string, unknown, string])[] = [
    ['NC1', nc1.pinv, 'tr(Σ_W Σ_B⁺)/K, classes weigh the same in Σ_B'],
    ['NC1 weighted', nc1.pinvWeighted, 'the same, classes weigh nₖ/N'],
    ['NC1 quotient', nc1.quotient, 'tr Σ_W / tr Σ_B'],
    ['CDNV', measures.cdnv, 'class-distance normalised variance'],
    ['NC2 equinorm', nc2.equinorm, 'spread of the norms of the centred means, over their mean'],
    ['NC2 equiangular', nc2.equiangular, 'mean |cos + 1/(K−1)| of the centred means'],
    ['NC2 cosines', nc2.cosineMean, 'mean cosine of the centred means'],
    ['NC2 cosines, sd', nc2.cosineSd, 'standard deviation of these cosines'],
    ['NC3 predicted', nc3.dualityPredicted, 'distance of P from ΔH̄ᵀ, the predicted duality'],
    ['NC3 duality', nc3.duality, 'distance of P from H̄ᵀ'],
    ['NC3 centred', nc3.dualityCentred, 'the same with centred means'],
    ['NC4', measures.nc4, 'share of samples where classifier and nearest class mean agree'],
    ['Accuracy', measures.accuracy, 'share of samples classified right'],
  ];
  const frames = [
    ['NC2, rows PPᵀ', nc2.weights],
    ['NC2, means H̄ᵀH̄', nc2.features],
    ['NC3, logits PH̄', nc3],
  ] as const;
  return html`${tableBox({
    id: 'frame-table',
    caption: `Distance from a frame ${where}, both scaled to norm one: 0 is the same up to scale, 2 the opposite.`,
    head: html`<tr>
      <th scope="col" class="text">matrix</th>
      <th scope="col">predicted</th>
      <th scope="col">orthogonal</th>
      <th scope="col">ETF</th>
    </tr>`,
    body: frames.map(
      ([name, { predicted, orthogonal, etf }]) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td>${numberCell(predicted)}</td>
          <td>${numberCell(orthogonal)}</td>
          <td>${numberCell(etf)}</td>
        </tr>`,
    ),
  })}${tableBox({
    id: 'measure-table',
    caption: `The other measures ${where}.`,
    head: html`<tr>
      <th scope="col" class="text">measure</th>
      <th scope="col">value</th>
      <th scope="col" class="text">what it is</th>
    </tr>`,
    body: plain.map(
      ([name, value, meaning]) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td>${numberCell(value)}</td>
          <td class="wrap">${meaning}</td>
        </tr>`,
    ),
  })}`;
}
