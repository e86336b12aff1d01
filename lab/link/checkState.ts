/**
 * Checks a state that comes from outside, such as a link or a file, field by field.
 *
 * What is wrong is said and replaced by the default, so that a broken link still opens a working page.
 */
import { CLASS_WEIGHTINGS } from 'collapsar/model';
import {
  baseOf,
  LIMITS,
  networkAs,
  START_STATE,
  STATE_VERSION,
  type LabState,
  type NetworkState,
  type ProblemState,
  type Weighting,
} from './labState.js';
import { STORY_NAMES, type StoryName } from './stories.js';

export const WEIGHTINGS: readonly Weighting[] = ['none', ...CLASS_WEIGHTINGS];

export interface Checked {
  readonly state: LabState;
  /** One sentence for each field that could not be taken. */
  readonly complaints: readonly string[];
}

/** Checks a value of unknown origin. */
export function checkState(value: unknown): Checked {
  const complaints: string[] = [];
  const read = reader(complaints);
  const fields = asRecord(value);
  if (fields.version !== STATE_VERSION) {
    complaints.push(
      `The link was made for version ${show(fields.version)} of the lab, and this is version ${STATE_VERSION}: it starts from the beginning.`,
    );
    return { state: START_STATE, complaints };
  }
  const [problem, training, view] = [fields.problem, fields.training, fields.view].map(asRecord);
  const story = read.story(fields.story);
  const base = baseOf(story);
  const counts = read.counts(problem.counts, base.problem.counts);
  const number = (from: Readonly<Record<string, unknown>>, key: keyof typeof LIMITS, fallback: number) =>
    read.number(key, from[key], fallback, LIMITS[key], WHOLE.has(key));
  const checkedProblem: ProblemState = {
    counts,
    depth: number(problem, 'depth', base.problem.depth),
    width: number(problem, 'width', base.problem.width),
    loss: read.choice('loss', problem.loss, ['mse', 'ce'], base.problem.loss),
    bias: read.choice('bias', problem.bias, ['none', 'free'], base.problem.bias),
    weighting: read.choice('weighting', problem.weighting, WEIGHTINGS, base.problem.weighting),
    weightDecay: number(problem, 'weightDecay', base.problem.weightDecay),
    featureDecay: number(problem, 'featureDecay', base.problem.featureDecay),
  };
  const state: LabState = {
    version: STATE_VERSION,
    place: read.choice('place', fields.place, ['story', 'explore', 'network'], base.place),
    story,
    problem: checkedProblem,
    training: {
      seed: number(training, 'seed', base.training.seed),
      scale: number(training, 'scale', base.training.scale),
      learningRate: number(training, 'learningRate', base.training.learningRate),
      momentum: number(training, 'momentum', base.training.momentum),
    },
    view: {
      projection: read.choice(
        'projection',
        view.projection,
        ['alike', 'principal', 'classes'],
        base.view.projection,
      ),
      axes: read.axes(view.axes, counts.length, base.view.axes),
      yaw: number(view, 'yaw', base.view.yaw),
      pitch: number(view, 'pitch', base.view.pitch),
      zoom: number(view, 'zoom', base.view.zoom),
    },
    network:
      fields.network === undefined || fields.network === null
        ? null
        : checkNetwork(asRecord(fields.network), networkAs(checkedProblem), read),
  };
  return { state, complaints };
}

function checkNetwork(
  fields: Readonly<Record<string, unknown>>,
  base: NetworkState,
  read: ReturnType<typeof reader>,
): NetworkState {
  return {
    // Links of older versions call it `with`.
    beside: read.choice('beside', fields.beside, ['prediction', 'nothing'], base.beside),
    loss: read.choice('networkLoss', fields.loss, ['mse', 'ce'], base.loss),
    weightDecays: read.decays(fields.weightDecays, base.weightDecays),
    feature: read.choice('networkFeature', fields.feature, ['given', 'fit'], base.feature),
    featureDecay: read.number(
      'networkFeatureDecay',
      fields.featureDecay,
      base.featureDecay,
      LIMITS.networkDecay,
      false,
    ),
    classWeights: read.classWeights(fields.classWeights, base.classWeights),
  };
}

const WHOLE: ReadonlySet<string> = new Set(['depth', 'width', 'seed']);

const NAMES: Readonly<Record<string, string>> = {
  weighting: 'class weights',
  weightDecay: 'weight decay',
  featureDecay: 'feature decay',
  scale: 'scale of the start',
  learningRate: 'learning rate',
  beside: 'beside the network',
  networkLoss: 'loss of the network',
  networkFeature: 'feature decay of the network',
  networkFeatureDecay: 'feature decay of the network',
};

function reader(complaints: string[]) {
  const complain = (name: string, wanted: string, got: unknown, used: string) =>
    complaints.push(`${NAMES[name] ?? name}: ${wanted}, got ${show(got)}; ${used} is used instead.`);
  return {
    number(
      name: string,
      value: unknown,
      fallback: number,
      [low, high]: readonly [number, number],
      whole: boolean,
    ): number {
      if (value === undefined) return fallback;
      const fine =
        typeof value === 'number' && value >= low && value <= high && (!whole || Number.isInteger(value));
      if (fine) return value;
      complain(name, `a ${whole ? 'whole ' : ''}number from ${low} to ${high}`, value, String(fallback));
      return fallback;
    },
    choice<T extends string>(name: string, value: unknown, choices: readonly T[], fallback: T): T {
      if (value === undefined) return fallback;
      const match = choices.find((choice) => choice === value);
      if (match !== undefined) return match;
      complain(name, choices.join(' or '), value, fallback);
      return fallback;
    },
    story(value: unknown): StoryName | null {
      if (value === undefined || value === null) return null;
      const match = STORY_NAMES.find((name) => name === value);
      if (match !== undefined) return match;
      complain('story', STORY_NAMES.join(', '), value, 'none');
      return null;
    },
    counts(value: unknown, fallback: readonly number[]): readonly number[] {
      if (value === undefined) return fallback;
      const [fewest, most] = LIMITS.classes;
      const [least, largest] = LIMITS.count;
      const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
      const fine = list.every(
        (n): n is number => typeof n === 'number' && Number.isInteger(n) && n >= least && n <= largest,
      );
      if (fine && list.length >= fewest && list.length <= most) return [...list] as number[];
      complain(
        'samples of each class',
        `${fewest} to ${most} whole numbers from ${least} to ${largest}`,
        value,
        fallback.join(', '),
      );
      return fallback;
    },
    decays(value: unknown, fallback: readonly number[]): readonly number[] {
      if (value === undefined) return fallback;
      const [least, most] = LIMITS.networkDecay;
      const [fewest, deepest] = LIMITS.networkLayers;
      const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
      const fine = list.filter(
        (decay): decay is number => typeof decay === 'number' && decay >= least && decay <= most,
      );
      if (fine.length === list.length && fine.length >= fewest && fine.length <= deepest) return fine;
      complain(
        'weight decay of the network',
        `one number, or one for each layer, from ${least} to ${most}`,
        value,
        fallback.join(', '),
      );
      return fallback;
    },
    classWeights(value: unknown, fallback: NetworkState['classWeights']): NetworkState['classWeights'] {
      if (value === undefined) return fallback;
      const name = WEIGHTINGS.find((weighting) => weighting === value);
      if (name !== undefined) return name;
      const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
      const fine = list.filter((weight): weight is number => typeof weight === 'number' && weight > 0);
      const [fewest, most] = LIMITS.networkClasses;
      if (fine.length === list.length && fine.length >= fewest && fine.length <= most) return fine;
      complain(
        'class weights of the network',
        `${WEIGHTINGS.join(', ')}, or a number above 0 for each class`,
        value,
        String(fallback),
      );
      return fallback;
    },
    axes(value: unknown, K: number, fallback: readonly number[]): readonly number[] {
      if (value === undefined) return fallback;
      // With fewer than three classes the choice is not shown, and stays for when there are more.
      const most = K < 3 ? LIMITS.classes[1] : K;
      const list = Array.isArray(value) ? (value as readonly unknown[]) : [];
      const fine = list.filter(
        (k, i): k is number =>
          typeof k === 'number' && Number.isInteger(k) && k >= 0 && k < most && list.indexOf(k) === i,
      );
      if (fine.length === 3 && list.length === 3) return fine;
      complain(
        'classes of the projection',
        `three different classes from 0 to ${most - 1}`,
        value,
        fallback.join(', '),
      );
      return fallback;
    },
  };
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}

/** A value as a short word of a sentence. */
function show(value: unknown): string {
  if (value === undefined) return 'none';
  const text = typeof value === 'string' ? `“${value}”` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
