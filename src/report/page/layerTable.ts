/** The linear layers at the end of a run, in numbers beside theory. */
import type { LayerRecord } from '../../runs/records.js';
import { html, type Html } from './html.js';
import { numberCell, tableBox } from './table.js';

/** Null where they were not held against theory. */
export function layerTable(layers: readonly LayerRecord[]): Html | null {
  const linear = layers.filter(({ nc2, predicted }) => nc2 !== undefined && predicted != null);
  if (linear.length === 0) return null;
  const columns: readonly (readonly [string, (layer: LayerRecord) => unknown])[] = [
    ['NC1', ({ nc1 }) => nc1.pinv],
    ['CDNV', ({ cdnv }) => cdnv],
    ['means from theory', ({ nc2 }) => nc2?.features.predicted],
    ['product above from theory', ({ nc2 }) => nc2?.weights.predicted],
    ['both from theory', ({ nc3 }) => nc3?.predicted],
    ['norms, sd/mean', ({ nc2 }) => nc2?.equinorm],
    ['theory', ({ predicted }) => predicted?.nc2.equinorm],
    ['angles', ({ nc2 }) => nc2?.equiangular],
    ['theory', ({ predicted }) => predicted?.nc2.equiangular],
  ];
  return tableBox({
    id: 'layer-table',
    caption:
      'The linear layers at the end: scatter, distances from the frames that theory has at each, and norms and angles of the centred class means beside theory.',
    head: html`<tr>
      <th scope="col" class="text">layer</th>
      ${columns.map(([name]) => html`<th scope="col">${name}</th>`)}
    </tr>`,
    body: linear.map(
      (layer) =>
        html`<tr>
          <th scope="row">${layer.name}</th>
          ${columns.map(([, read]) => html`<td>${numberCell(read(layer))}</td>`)}
        </tr>`,
    ),
  });
}
