/** Measured beside predicted: the tables that `measure` and `train` share. */
import type { ClassComparison, MeasuresRecord } from '../runs/index.js';
import { share } from './format.js';
import {
  counted,
  heading,
  isEmpty,
  withoutEmptyColumns,
  type Block,
  type Cell,
  type Shown,
  type Table,
} from './tables.js';

/** Class by class; columns without any number are left out. `names`: of the classes, by default their numbers. */
export function comparisonTable(
  classes: readonly ClassComparison[],
  names: readonly (string | number)[] = classes.map((_, k) => k),
): Table {
  const words = names.some((name) => typeof name === 'string');
  // With a free bias means are compared centred.
  const centred = classes.some(({ centredFeatureNorm }) => centredFeatureNorm != null);
  const columns = [
    {
      ...heading('class', 'class', 0, words ? 'left' : 'right'),
      cell: (_: ClassComparison, k: number): Cell => ({ value: names[k], text: String(names[k]) }),
    },
    { ...heading('count', 'n'), cell: ({ count }: ClassComparison) => counted(count) },
    { ...heading('weightNorm', '‖p‖'), cell: ({ weightNorm }: ClassComparison) => weightNorm },
    {
      ...heading('predictedWeightNorm', 'theory'),
      cell: ({ predictedWeightNorm }: ClassComparison) => predictedWeightNorm,
    },
    centred
      ? {
          ...heading('centredFeatureNorm', '‖h̄−h_G‖'),
          cell: ({ centredFeatureNorm }: ClassComparison) => centredFeatureNorm ?? null,
        }
      : { ...heading('featureNorm', '‖h̄‖'), cell: ({ featureNorm }: ClassComparison) => featureNorm },
    {
      ...heading('predictedFeatureNorm', 'theory'),
      cell: ({ predictedFeatureNorm }: ClassComparison) => predictedFeatureNorm,
    },
    { ...heading('fit', 'fit', 2), pair: 'fit', cell: ({ fit }: ClassComparison) => fit },
    {
      ...heading('predictedFit', 'theory', 2),
      pair: 'fit',
      cell: ({ predictedFit }: ClassComparison) => predictedFit,
    },
    { ...heading('accuracy', 'accuracy', 1), cell: ({ accuracy }: ClassComparison) => percent(accuracy) },
    {
      ...heading('measured', 'measured', 0, 'left'),
      cell: ({ measured }: ClassComparison) => measured,
    },
    { ...heading('regime', 'theory', 0, 'left'), cell: ({ regime }: ClassComparison) => regime },
  ];
  return withoutEmptyColumns({
    name: 'classes',
    columns,
    rows: classes.map((row, k) => columns.map(({ cell }) => cell(row, k))),
  });
}

export function percent(value: number | null): Shown {
  return { value, text: share(value) };
}

/** NC1 … NC4 in words; then the distances from frames, where there are any. */
export function measuresTables({ nc1, cdnv, nc2, nc3, nc4, accuracy }: MeasuresRecord): Table[] {
  const scalars: [string, string, Cell][] = [
    ['nc1.pinv', 'NC1   tr(Σ_W Σ_B⁺)/K, Σ_B unweighted', nc1.pinv],
    ['nc1.pinvWeighted', 'NC1   the same, Σ_B weighted by n_k/N', nc1.pinvWeighted],
    ['nc1.quotient', 'NC1   tr Σ_W / tr Σ_B', nc1.quotient],
    ['cdnv', 'CDNV', cdnv],
    ['nc2.equinorm', 'NC2   norms of centred means, sd/mean', nc2.equinorm],
    ['nc2.equiangular', 'NC2   mean |cos + 1/(K−1)|', nc2.equiangular],
    ['nc3.duality', 'NC3   ‖P̂ − (H̄ᵀ)^‖, self-duality', nc3.duality],
    ['nc3.dualityCentred', 'NC3   the same, means centred', nc3.dualityCentred],
    ['nc3.dualityPredicted', 'NC3   ‖P̂ − (ΔH̄ᵀ)^‖, predicted duality', nc3.dualityPredicted],
    ['nc4', 'NC4   classifier = nearest class mean', percent(nc4)],
    ['accuracy', 'accuracy', percent(accuracy)],
  ];
  const frames = [
    ['nc2.weights', 'NC2   PPᵀ', nc2.weights],
    ['nc2.features', 'NC2   H̄ᵀH̄', nc2.features],
    ['nc3', 'NC3   PH̄', nc3],
  ] as const;
  const measures: Table = {
    name: 'measures',
    columns: [heading('measure', 'measure', 0, 'left'), heading('value')],
    rows: scalars.flatMap(([key, text, cell]) => (isEmpty(cell) ? [] : [[{ value: key, text }, cell]])),
  };
  const distances: Table = {
    name: 'frames',
    columns: [
      heading('distance', 'distance from a frame', 0, 'left'),
      heading('orthogonal'),
      heading('etf', 'simplex ETF'),
      heading('predicted'),
    ],
    rows: frames.map(([key, text, { orthogonal, etf, predicted }]) => [
      { value: key, text },
      orthogonal,
      etf,
      predicted,
    ]),
  };
  const some = distances.rows.some((row) => row.slice(1).some((cell) => !isEmpty(cell)));
  return some ? [measures, distances] : [measures];
}

/** Tables with an empty line before each but the first. */
export function spaced(tables: readonly Table[]): Block[] {
  return tables.flatMap((each, i) => (i === 0 ? [each] : ['', each]));
}
