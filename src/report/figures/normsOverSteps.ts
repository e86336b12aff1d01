/** The norms of the classifier's rows and of the class means over training, with the predicted ones as dashed lines. */
import type { ClassComparison, TrainRecord } from '../../runs/records.js';
import type { FigureElement } from '../dom.js';
import { wrapFigure } from './figure.js';
import { finite } from '../format.js';
import { OUTCOME_COLOR, outcomeOf, UNDECIDED, type Outcome } from '../outcome.js';
import { classColorName } from '../classColors.js';
import { CATEGORIES, type PaletteName } from '../palette.js';
import { stepsPanel, type Curve, type Reference, type StepsOptions } from './panel.js';
import { spread } from '../../core/spread.js';

export interface NormsData {
  readonly records: readonly TrainRecord[];
  /** For the predicted norms, and for the colours of many classes. */
  readonly classes: readonly ClassComparison[] | null;
}

/** More curves than this are not drawn; their places are spread over the classes. */
const MOST_CURVES = 60;
/** Beyond this many times the largest predicted norm, a linear axis shows nothing else. */
const RUNAWAY = 30;

/** Null where the records hold no norms: above 100 classes they are left out. */
export function normsOverSteps(data: NormsData, options: StepsOptions): FigureElement | null {
  const K = Math.max(0, ...data.records.map((record) => record.weightNorms?.length ?? 0));
  if (K === 0) return null;
  const drawn = spread(K, MOST_CURVES);
  const few = K <= CATEGORIES.length;
  const lines = few
    ? 'One colour a class, its number at the right'
    : `${drawn.length < K ? `${drawn.length} of the ${K} classes` : `All ${K} classes`}, their numbers at the right where there is room`;
  const undecided =
    !few && drawn.some((k) => outcomeOf(data.classes?.[k]) === 'unknown') && data.classes !== null
      ? ` ${UNDECIDED}`
      : '';
  const caption =
    data.classes === null
      ? `${lines}.`
      : `${lines}; dashed: the norms that theory predicts at the minimum.${undecided}`;
  return wrapFigure(
    options.document,
    'grid',
    caption,
    panel('weightNorms', 'Rows of the classifier, ‖pₖ‖', 'predictedWeightNorm'),
    panel('featureNorms', 'Class means, ‖h̄ₖ‖', 'predictedFeatureNorm'),
  );

  function panel(
    key: 'weightNorms' | 'featureNorms',
    title: string,
    predicted: 'predictedWeightNorm' | 'predictedFeatureNorm',
  ): FigureElement {
    const color = (k: number): PaletteName =>
      few ? classColorName(k) : OUTCOME_COLOR[outcomeOf(data.classes?.[k])];
    const listed = new Set<Outcome>();
    const curves = drawn.map((k): Curve => {
      const outcome = outcomeOf(data.classes?.[k]);
      const name = few || listed.has(outcome) ? undefined : OUTCOME_NAME[outcome];
      listed.add(outcome);
      return {
        color: color(k),
        read: (record) => record[key]?.[k],
        endLabel: String(k),
        ...(name === undefined ? {} : { name }),
        ...(few ? {} : { width: 1.2, opacity: 0.75 }),
      };
    });
    const references: Reference[] = [];
    const seen = new Set<string>();
    for (const k of drawn) {
      const value = finite(data.classes?.[k]?.[predicted]);
      if (value === null || seen.has(value.toPrecision(4))) continue;
      seen.add(value.toPrecision(4));
      references.push({
        value,
        color: color(k),
        opacity: few ? 0.9 : 0.5,
        ...(references.length === 0 && !few ? { name: 'predicted' } : {}),
      });
    }
    const largest = Math.max(...references.map(({ value }) => value), 1e-300);
    let [seenMost, smallest] = [0, Infinity];
    for (const record of data.records)
      for (const value of record[key] ?? []) {
        const x = finite(value);
        if (x === null) continue;
        seenMost = Math.max(seenMost, x);
        if (x > 0) smallest = Math.min(smallest, x);
      }
    const ran = seenMost > RUNAWAY * Math.max(largest, smallest);
    return stepsPanel({
      document: options.document,
      records: data.records,
      title,
      label: `${title} over training, ${K} classes, beside the predicted norms.`,
      curves,
      references,
      steps: options.steps ?? 'log',
      unit: options.unit,
      values: ran && references.length > 0 ? 'log' : 'linear',
    });
  }
}

const OUTCOME_NAME: Readonly<Record<Outcome, string>> = {
  alive: 'alive at the end',
  lost: 'lost at the end',
  unknown: 'undecided at the end',
};
