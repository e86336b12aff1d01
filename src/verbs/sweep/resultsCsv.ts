/**
 * `results.csv`: one row a point and class, in the order of points. First the point and its settings under their dotted keys,
 * then the columns below; numbers in full precision, nothing where a number does not exist. The last column is wall clock: all
 * others are the same however often a sweep was stopped and resumed.
 */
import type { PointResult } from '../../runs/index.js';
import { settingText, type Setting } from './overrides.js';

type Value = string | number | boolean | null | undefined;

interface Column {
  readonly name: string;
  /** `k`: the class. */
  readonly value: (result: PointResult, k: number) => Value;
}

const COLUMNS: readonly Column[] = [
  { name: 'status', value: ({ status }) => status },
  { name: 'step', value: ({ step }) => step },
  { name: 'class', value: ({ counts }, k) => (counts.length === 0 ? null : k) },
  { name: 'count', value: ({ counts }, k) => counts[k] },
  { name: 'regime', value: ({ predicted }, k) => predicted?.classes[k].regime },
  { name: 'lives', value: ({ predicted }, k) => predicted?.classes[k].lives },
  { name: 'measured', value: ({ measured }, k) => measured?.classes[k].state },
  { name: 'weightNorm', value: ({ measured }, k) => measured?.classes[k].weightNorm },
  { name: 'predictedWeightNorm', value: ({ predicted }, k) => predicted?.classes[k].weightNorm },
  { name: 'featureNorm', value: ({ measured }, k) => measured?.classes[k].featureNorm },
  { name: 'predictedFeatureNorm', value: ({ predicted }, k) => predicted?.classes[k].featureNorm },
  { name: 'fit', value: ({ measured }, k) => measured?.classes[k].fit },
  { name: 'predictedFit', value: ({ predicted }, k) => predicted?.classes[k].fit },
  { name: 'classAccuracy', value: ({ measured }, k) => measured?.classes[k].accuracy },
  { name: 'objective', value: ({ measured }) => measured?.objective },
  { name: 'predictedObjective', value: ({ predicted }) => predicted?.objective },
  { name: 'excess', value: excessOf },
  { name: 'optimality', value: ({ predicted }) => predicted?.optimality },
  { name: 'predictedRank', value: ({ predicted }) => predicted?.rank },
  { name: 'effectiveFeatureDecay', value: ({ featureDecay }) => featureDecay },
  { name: 'nc1', value: ({ measured }) => measured?.nc1 },
  { name: 'cdnv', value: ({ measured }) => measured?.cdnv },
  { name: 'nc2Weights', value: ({ measured }) => measured?.nc2Weights },
  { name: 'nc2Features', value: ({ measured }) => measured?.nc2Features },
  { name: 'nc3', value: ({ measured }) => measured?.nc3 },
  { name: 'nc4', value: ({ measured }) => measured?.nc4 },
  { name: 'accuracy', value: ({ measured }) => measured?.accuracy },
  { name: 'testAccuracy', value: ({ measured }) => measured?.testAccuracy },
  { name: 'top5Accuracy', value: ({ measured }) => measured?.top5Accuracy },
  { name: 'testTop5Accuracy', value: ({ measured }) => measured?.testTop5Accuracy },
  { name: 'failure', value: ({ failure }) => failure },
  { name: 'seconds', value: ({ seconds }) => seconds },
];

/** Every column but the settings. */
export const RESULT_COLUMNS: readonly string[] = ['point', ...COLUMNS.map(({ name }) => name)];

/** F − F*; null where either is not known. */
export function excessOf({ measured, predicted }: PointResult): number | null {
  const objective = measured?.objective ?? null;
  return objective === null || predicted === null ? null : objective - predicted.objective;
}

/** Whether a run ended without a measurement that stands. */
export function hasFailed({ status }: PointResult): boolean {
  return status === 'failed' || status === 'diverged';
}

/** Classes measured alive; null where of none is known whether it is. */
export function aliveIn(measured: PointResult['measured']): number | null {
  const states = measured?.classes.map(({ state }) => state) ?? [];
  return states.every((state) => state === null) ? null : states.filter((state) => state === 'alive').length;
}

/** The first line. */
export function csvHead(keys: readonly string[]): string {
  return ['point', ...keys, ...COLUMNS.map(({ name }) => name)].map(csvCell).join(',');
}

/** The lines of a point: one a class, or one alone for a point without classes. */
export function csvLines(result: PointResult, settings: readonly Setting[]): string[] {
  const before = [result.point, ...settings.map(([, value]) => settingText(value))].map(csvCell);
  return Array.from({ length: Math.max(1, result.counts.length) }, (_, k) =>
    [...before, ...COLUMNS.map(({ value }) => csvCell(value(result, k)))].join(','),
  );
}

/** As RFC 4180 has it; numbers in full precision. */
export function csvCell(value: Value): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
