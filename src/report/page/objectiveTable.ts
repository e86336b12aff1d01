/** What a network minimised, part by part, in its own scale. */
import type { NetworkDetails } from '../../runs/records.js';
import { html, type Html } from './html.js';
import { numberCell, tableBox } from './table.js';

export function objectiveTable({ objective }: NetworkDetails): Html {
  const rows = [
    ['data', objective.data, 'mean loss over the training samples'],
    ['head', objective.head, 'decay of the weights of the head'],
    ['features', objective.features, 'decay of the features'],
    ['backbone', objective.backbone, 'decay of the backbone; theory leaves it out'],
    ['bias', objective.bias, 'decay of the last bias; theory leaves it out'],
    ['total', objective.total, 'what the steps minimise'],
  ] as const;
  return tableBox({
    id: 'objective-table',
    caption: 'The objective at the end, part by part, in the network’s own scale.',
    head: html`<tr>
      <th scope="col" class="text">part</th>
      <th scope="col">value</th>
      <th scope="col" class="text">what it is</th>
    </tr>`,
    body: rows.map(
      ([name, value, meaning]) =>
        html`<tr>
          <th scope="row">${name}</th>
          <td>${numberCell(value)}</td>
          <td class="wrap">${meaning}</td>
        </tr>`,
    ),
  });
}
