/** What figures of a sweep show: measures of a point or of a class, beside what theory says of them. */
import type { PointResult } from '../../runs/index.js';
import type { SweepPlan } from './plan.js';
import { aliveIn, excessOf } from './resultsCsv.js';

type Maybe = number | null;

export interface Quantity {
  /** As `--y` names it: a column of results.csv, or `alive`. */
  readonly name: string;
  readonly title: string;
  readonly label: string;
  readonly per: 'point' | 'class';
  readonly scale: 'linear' | 'log';
  /** On a logarithmic axis: what is below is drawn as zero. */
  readonly floor?: number;
  readonly include?: readonly number[];
  readonly measured: (result: PointResult, k: number) => Maybe;
  /** Null where theory says nothing of it. */
  readonly predicted: ((result: PointResult, k: number) => Maybe) | null;
}

const OF_POINTS: readonly Quantity[] = [
  {
    ...{ name: 'alive', title: 'Classes alive', label: 'classes alive', per: 'point', scale: 'linear' },
    measured: ({ measured }) => aliveIn(measured),
    predicted: ({ predicted }) =>
      predicted === null ? null : predicted.classes.filter(({ lives }) => lives).length,
  },
  {
    ...{ name: 'excess', title: 'F − F*', label: 'F − F*', per: 'point', scale: 'log', floor: 1e-15 },
    ...{ measured: excessOf, predicted: null },
  },
  {
    ...{ name: 'objective', title: 'Objective', label: 'F', per: 'point', scale: 'log' },
    measured: ({ measured }) => measured?.objective ?? null,
    predicted: ({ predicted }) => predicted?.objective ?? null,
  },
  ...(
    [
      ['nc1', 'NC1', 'log'],
      ['cdnv', 'CDNV', 'log'],
      ['nc2Weights', 'NC2 of the classifier, distance from theory', 'log'],
      ['nc2Features', 'NC2 of the class means, distance from theory', 'log'],
      ['nc3', 'NC3, distance from theory', 'log'],
      ['nc4', 'NC4', 'linear'],
      ['accuracy', 'Accuracy', 'linear'],
      ['testAccuracy', 'Test accuracy', 'linear'],
      ['top5Accuracy', 'Top-5 accuracy', 'linear'],
      ['testTop5Accuracy', 'Top-5 test accuracy', 'linear'],
    ] as const
  ).map(([name, title, scale]): Quantity => ({
    ...{ name, title, label: title.split(',')[0], per: 'point', scale, floor: 1e-20 },
    ...(name.endsWith('ccuracy') ? { include: [0, 1] } : {}),
    measured: ({ measured }) => measured?.[name] ?? null,
    predicted: null,
  })),
];

const OF_CLASSES: readonly Quantity[] = (
  [
    ['weightNorm', 'Rows of the classifier, ‖pₖ‖', '‖pₖ‖'],
    ['featureNorm', 'Class means, ‖h̄ₖ‖', '‖h̄ₖ‖'],
    ['fit', 'Fit of each class', 'fit'],
  ] as const
).map(([name, title, label]): Quantity => ({
  ...{ name, title, label, per: 'class', scale: 'linear' },
  measured: ({ measured }, k) => measured?.classes[k]?.[name] ?? null,
  predicted: ({ predicted }, k) => predicted?.classes[k]?.[name] ?? null,
}));

export const QUANTITIES: readonly Quantity[] = [
  ...OF_POINTS,
  ...OF_CLASSES,
  {
    ...{ name: 'classAccuracy', title: 'Accuracy of each class', label: 'accuracy', per: 'class' },
    ...{ scale: 'linear', include: [0, 1] },
    measured: ({ measured }, k) => measured?.classes[k]?.accuracy ?? null,
    predicted: null,
  },
];

/** Counted in trainings on images alone. */
const OF_NETWORKS: ReadonlySet<string> = new Set(['testAccuracy', 'top5Accuracy', 'testTop5Accuracy']);

export function quantityOf(name: string): Quantity | undefined {
  return QUANTITIES.find((quantity) => quantity.name === name);
}

/** Those that a point of this sweep can have. */
export function quantitiesIn({ command, base, axes }: SweepPlan): readonly Quantity[] {
  const swept = axes.some(({ keys }) => keys.includes('steps'));
  const theoryAlone = command === null && base.kind === 'ufm' && base.steps === 0 && !swept;
  return QUANTITIES.filter(({ name, predicted }) => {
    if (theoryAlone) return predicted !== null;
    if (OF_NETWORKS.has(name)) return command === null && base.kind === 'network';
    return name !== 'excess' || command === null;
  });
}
