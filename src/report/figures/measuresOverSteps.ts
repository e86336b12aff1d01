/** NC1 … NC4 over training on logarithmic axes: six panels. */
import type { FrameDistancesRecord, TrainRecord } from '../../runs/records.js';
import { wrapFigure } from './figure.js';
import type { FigureElement } from '../dom.js';
import { finite } from '../format.js';
import { stepsParts, type Curve, type StepsOptions } from './panel.js';
import { panelBox, type PanelParts } from './panelParts.js';

export interface MeasuresData {
  readonly records: readonly TrainRecord[];
  /** N: one sample of it is the least share that is not zero. */
  readonly samples: number | null;
}

type Read = (record: TrainRecord) => unknown;

export function measuresOverSteps(data: MeasuresData, options: StepsOptions): FigureElement {
  const { document } = options;
  const panels = measurePanels(data, options);
  const below = panels.some(({ startIsBelow }) => startIsBelow === true)
    ? ' A start far below all that follows (orthogonal weights have rounding for a distance) is drawn at the height of the least that does.'
    : '';
  return wrapFigure(
    document,
    'grid',
    `The lower, the closer to collapse. Grey: distances from the frames of balanced classes, which imbalanced classes are not expected to form. A value of exactly zero lies on the line “0” below the broken axis; a gap is a measure that does not exist at that point.${below}`,
    ...panels.map((parts) => panelBox(document, parts)),
  );
}

/** The six panels: NC1, then the frames of PPᵀ, H̄ᵀH̄ and PH̄, then norms and angles, then NC4. */
export function measurePanels({ records, samples }: MeasuresData, options: StepsOptions): PanelParts[] {
  const panel = (title: string, curves: readonly Curve[], include: readonly number[] = []): PanelParts =>
    stepsParts({
      document: options.document,
      records,
      title,
      label: `${title} over training on a logarithmic axis: ${curves.map(({ name }) => name ?? '').join(', ')}.`,
      curves,
      include,
      steps: options.steps ?? 'linear',
      unit: options.unit,
      values: 'log',
    });
  const share = samples !== null && samples > 0 ? [1 / samples] : [];
  return [
    panel('NC1: variability within classes', [
      { name: 'tr(Σ_W Σ_B⁺)/K', color: 'blue', read: (r) => r.nc1.pinv },
      { name: 'tr Σ_W / tr Σ_B', color: 'vermilion', stroke: 'dashed', read: (r) => r.nc1.quotient },
      { name: 'CDNV', color: 'green', stroke: 'dotted', width: 2.2, read: (r) => r.cdnv },
    ]),
    panel(
      'NC2: classifier’s rows, PPᵀ, from a frame',
      frames((r) => r.nc2.weights),
    ),
    panel(
      'NC2: class means, H̄ᵀH̄, from a frame',
      frames((r) => r.nc2.features),
    ),
    panel('NC3: self-duality, PH̄ from a frame', [
      ...frames((r) => r.nc3),
      { name: 'P from ΔH̄ᵀ', color: 'vermilion', stroke: 'dashed', read: (r) => r.nc3.dualityPredicted },
      { name: 'P from H̄ᵀ', color: 'green', stroke: 'dotted', width: 2.2, read: (r) => r.nc3.duality },
    ]),
    panel('NC2: equal norms, equal angles', [
      { name: 'spread of the norms', color: 'blue', read: (r) => r.nc2.equinorm },
      {
        name: '|cos + 1/(K−1)|',
        color: 'vermilion',
        stroke: 'dashed',
        read: (r) => r.nc2.equiangular,
      },
    ]),
    panel(
      'NC4: share of samples amiss',
      [
        { name: '1 − NC4 (not the nearest mean)', color: 'blue', read: rest((r) => r.nc4) },
        {
          name: '1 − accuracy (wrong class)',
          color: 'vermilion',
          stroke: 'dashed',
          read: rest((r) => r.accuracy),
        },
      ],
      [...share, 1],
    ),
  ];
}

function frames(read: (record: TrainRecord) => FrameDistancesRecord): Curve[] {
  return [
    { name: 'predicted', color: 'blue', read: (r) => read(r).predicted },
    {
      name: 'orthogonal',
      color: 'quiet',
      stroke: 'dashed',
      width: 1.2,
      opacity: 0.75,
      read: (r) => read(r).orthogonal,
    },
    { name: 'ETF', color: 'quiet', stroke: 'dotted', width: 1.6, opacity: 0.85, read: (r) => read(r).etf },
  ];
}

function rest(read: Read): Read {
  return (record) => {
    const share = finite(read(record));
    return share === null ? null : 1 - share;
  };
}
