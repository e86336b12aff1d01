/** Measured beside predicted: the tables that `measure` and `train` share. */
import type { ClassComparison, MeasuresRecord } from '../runs/index.js';
import { column, number, share, table, whole } from './format.js';

/** Class by class; columns without any number are left out. `names`: of the classes, by default their numbers. */
export function comparisonTable(
  classes: readonly ClassComparison[],
  width: number,
  names: readonly (string | number)[] = classes.map((_, k) => k),
): string {
  const words = names.some((name) => typeof name === 'string');
  // With a free bias means are compared centred.
  const centred = classes.some(({ centredFeatureNorm }) => centredFeatureNorm != null);
  const columns = [
    {
      ...(words ? column('class', 0, 'left') : column('class')),
      cell: (_: ClassComparison, k: number) => String(names[k]),
    },
    { ...column('n'), cell: ({ count }: ClassComparison) => whole(count) },
    { ...column('‖p‖'), cell: ({ weightNorm }: ClassComparison) => number(weightNorm) },
    { ...column('theory'), cell: ({ predictedWeightNorm }: ClassComparison) => number(predictedWeightNorm) },
    centred
      ? {
          ...column('‖h̄−h_G‖'),
          cell: ({ centredFeatureNorm }: ClassComparison) => number(centredFeatureNorm ?? null),
        }
      : { ...column('‖h̄‖'), cell: ({ featureNorm }: ClassComparison) => number(featureNorm) },
    {
      ...column('theory'),
      cell: ({ predictedFeatureNorm }: ClassComparison) => number(predictedFeatureNorm),
    },
    { ...column('fit', 2), pair: 'fit', cell: ({ fit }: ClassComparison) => number(fit) },
    {
      ...column('theory', 2),
      pair: 'fit',
      cell: ({ predictedFit }: ClassComparison) => number(predictedFit),
    },
    { ...column('accuracy', 1), cell: ({ accuracy }: ClassComparison) => share(accuracy) },
    { ...column('measured', 0, 'left'), cell: ({ measured }: ClassComparison) => measured ?? '–' },
    { ...column('theory', 0, 'left'), cell: ({ regime }: ClassComparison) => regime ?? '–' },
  ].filter(({ title, cell }) => title === 'class' || classes.some((row, k) => cell(row, k) !== '–'));
  return table(
    columns,
    classes.map((row, k) => columns.map(({ cell }) => cell(row, k))),
    width,
  );
}

/** NC1 … NC4 in words. */
export function measuresTable({ nc1, cdnv, nc2, nc3, nc4, accuracy }: MeasuresRecord, width: number): string {
  const scalars: [string, string][] = [
    ['NC1   tr(Σ_W Σ_B⁺)/K, Σ_B unweighted', number(nc1.pinv)],
    ['NC1   the same, Σ_B weighted by n_k/N', number(nc1.pinvWeighted)],
    ['NC1   tr Σ_W / tr Σ_B', number(nc1.quotient)],
    ['CDNV', number(cdnv)],
    ['NC2   norms of centred means, sd/mean', number(nc2.equinorm)],
    ['NC2   mean |cos + 1/(K−1)|', number(nc2.equiangular)],
    ['NC3   ‖P̂ − (H̄ᵀ)^‖, self-duality', number(nc3.duality)],
    ['NC3   the same, means centred', number(nc3.dualityCentred)],
    ['NC3   ‖P̂ − (ΔH̄ᵀ)^‖, predicted duality', number(nc3.dualityPredicted)],
    ['NC4   classifier = nearest class mean', share(nc4)],
    ['accuracy', share(accuracy)],
  ];
  const frames = [
    ['NC2   PPᵀ', nc2.weights],
    ['NC2   H̄ᵀH̄', nc2.features],
    ['NC3   PH̄', nc3],
  ] as const;
  const rows = frames.map(([name, { orthogonal, etf, predicted }]) => [
    name,
    number(orthogonal),
    number(etf),
    number(predicted),
  ]);
  const parts = [
    table(
      [column('measure', 0, 'left'), column('value')],
      scalars.filter(([, value]) => value !== '–'),
      width,
    ),
  ];
  if (rows.some((row) => row.slice(1).some((cell) => cell !== '–')))
    parts.push(
      '',
      table(
        [
          column('distance from a frame', 0, 'left'),
          column('orthogonal'),
          column('simplex ETF'),
          column('predicted'),
        ],
        rows,
        width,
      ),
    );
  return parts.join('\n');
}
