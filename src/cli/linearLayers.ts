/** The linear layers beside theory, in a table that every verb shares. */
import type { LayerValues } from '../runs/index.js';
import { printable } from '../core/printable.js';
import { heading, type Block, type Table } from './tables.js';

/** What a row needs of a layer; without `predicted` it is left out. */
export interface LinearLayer extends Partial<Pick<LayerValues, 'nc2' | 'nc3'>> {
  readonly name: string;
  readonly nc1: LayerValues['nc1'];
  readonly cdnv: number | null;
  readonly predicted?: LayerValues | null;
}

/** An empty line and the table; nothing where theory says nothing of the layers. */
export function linearLayersBlocks(layers: readonly LinearLayer[]): Block[] {
  const beside = layers.filter(({ nc2, predicted }) => nc2 !== undefined && predicted != null);
  return beside.length === 0 ? [] : ['', ...EXPLAINED, linearLayersTable(beside)];
}

const EXPLAINED = [
  'each linear layer (Δ: distance from the frames that theory has there, of the',
  'class means, of the product of the layers above, of the two multiplied):',
];

function linearLayersTable(layers: readonly LinearLayer[]): Table {
  return {
    name: 'linear-layers',
    columns: [
      heading('layer', 'linear layer', 0, 'left'),
      heading('nc1.pinv', 'NC1'),
      heading('cdnv', 'CDNV', 2),
      heading('nc2.features.predicted', 'Δ means'),
      heading('nc2.weights.predicted', 'Δ above'),
      heading('nc3.predicted', 'Δ both'),
      heading('nc2.equinorm', 'sd/mean', 1),
      heading('predicted.nc2.equinorm', 'theory', 1),
    ],
    rows: layers.map(({ name, nc1, cdnv, nc2, nc3, predicted }) => [
      printable(name),
      nc1.pinv,
      cdnv,
      nc2?.features.predicted ?? null,
      nc2?.weights.predicted ?? null,
      nc3?.predicted ?? null,
      nc2?.equinorm ?? null,
      predicted?.nc2.equinorm ?? null,
    ]),
  };
}
