/** `collapsar advise --decay all`, for people: which classes survive plain weight decay, and up to which. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse } from '../core/errors.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { openImageData } from '../data/imageFolder.node.js';
import { IMAGE_KINDS, type ImageKind } from '../data/index.js';
import { lambdaPerDecay, namedClassWeights, parseCounts, smoothedLoss, type Loss } from '../model/index.js';
import { parseSpec } from '../runs/index.js';
import { checkRunFolder } from '../runs/runFolder.node.js';
import type { SurvivalDocument } from '../verbs/advise/plainDecay/document.js';
import { inputsOfSet, survivalOfSpec } from '../verbs/advise/plainDecay/imageInputs.js';
import { readInputs } from '../verbs/advise/plainDecay/inputsFile.js';
import {
  adviseSurvival,
  type SurvivalOptions,
  type SurvivalProgress,
} from '../verbs/advise/plainDecay/plainDecay.js';
import { choice, singleNumber, type Parsed } from './args.js';
import type { Context, ExitCode } from './context.js';
import { drawing } from './drawing.js';
import { number, whole, wrap } from './format.js';
import { giveWay } from './interrupt.js';
import { checkWritable, writeBytes } from './outFile.js';
import { readSpecFile } from './specFile.js';
import { survivalTable } from './survivalTable.js';
import { formOf, printBlocks, type Block } from './tables.js';
import { progressLine } from './terminal.js';
import { DATA } from './trainingInput.js';
import { mseReductionFrom } from './mseOptions.js';
import { classWeightsFrom } from './variationOptions.js';

const WIDEST = 100;
/** Of the other question, features that are free: they mean nothing here. */
const OTHER = ['depth', 'width', 'feature-decay', 'keep', 'hold-feature-decay'] as const;
/** Trainings for which the estimates were not tried. */
const UNTRIED = ['bias-decay', 'targets', 'feature-sign', 'logit-adjust'] as const;
/** What a spec says itself. */
const IN_SPEC = [
  ...(['weight-layers', 'inputs', 'set', 'counts'] as const),
  ...(['loss', 'bias', 'mse-reduction', 'batch', 'class-weights', 'label-smoothing'] as const),
];

export async function adviseSurvivalVerb(options: Parsed, context: Context): Promise<ExitCode> {
  const { terminal, blas } = context;
  const form = formOf(options);
  for (const name of OTHER)
    if (options.value(name) !== undefined || options.flag(name))
      refuse(
        `--${name}`,
        'the model of free features',
        '--decay all',
        name === 'depth' ? '--weight-layers counts every layer with weights' : 'leave it out',
      );
  for (const name of UNTRIED)
    if (options.value(name) !== undefined)
      refuse(
        `--${name}`,
        'a training for which the estimates were tried: one decay, one target a class',
        options.value(name),
        'leave it out',
      );
  const out = options.value('out');
  if (out !== undefined) await checkWritable(out, '.svg');
  const spec = options.positionals.at(0);
  const known = spec === undefined ? await fromFlags(options) : await fromSpec(spec, options);
  const began = performance.now();
  try {
    const document = await adviseSurvival({
      ...known,
      blas: blas(),
      host: {
        yield: giveWay,
        onProgress: (now) => terminal.progress(describeProgress(now, (performance.now() - began) / 1000)),
      },
    });
    terminal.clear();
    if (out !== undefined) {
      const svg = await drawing(({ survivalFigure, svgText }, page) =>
        svgText(survivalFigure(document, { document: page })),
      );
      await writeBytes(out, `${svg}\n`);
    }
    if (form === 'json') terminal.print(JSON.stringify(document));
    else {
      const drawn = out === undefined ? [] : ['', `The figure is in ${out}`];
      printBlocks([...describe(document, terminal.width), ...drawn], form, options, terminal);
    }
    return 0;
  } finally {
    terminal.clear();
    await known.close();
  }
}

type Known = Omit<SurvivalOptions, 'blas' | 'host'> & { readonly close: () => Promise<void> };

const nothing = () => Promise.resolve();

async function fromSpec(path: string, options: Parsed): Promise<Known> {
  for (const name of IN_SPEC)
    if (options.value(name) !== undefined)
      refuse(`--${name}`, 'flags or a spec', `both, with ${path}`, 'leave it out: the spec says it');
  const isFolder = await stat(path).then(
    (stat) => stat.isDirectory(),
    () => false,
  );
  if (isFolder) await checkRunFolder(path);
  const file = isFolder ? join(path, 'spec.yaml') : path;
  const spec = parseSpec(await readSpecFile(file), file);
  if (spec.kind !== 'network')
    refuse(
      `${file}: kind`,
      'network',
      spec.kind,
      'the unconstrained-features model decays its features: leave --decay all out',
    );
  const images = await openImageData(options.value('data') ?? DATA, spec.data.set);
  const { weightDecay, ...rest } = survivalOfSpec(spec, images);
  return {
    ...rest,
    data: `${IMAGE_KINDS[spec.data.set].title}, as ${file} takes it`,
    weightDecay: weightDecayOf(options) ?? weightDecay,
    close: nothing,
  };
}

async function fromFlags(options: Parsed): Promise<Known> {
  const layersText = options.value('weight-layers');
  if (layersText === undefined)
    refuse(
      '--decay all',
      'a SPEC, or --weight-layers L',
      'neither',
      'count every layer with weights: hidden, features and head',
    );
  const layers = singleNumber('--weight-layers', layersText);
  if (!Number.isInteger(layers) || layers < 2)
    refuse('--weight-layers', 'a whole number of at least 2, every layer with weights counted', layers);
  const loss = choice('--loss', options.value('loss'), ['mse', 'ce'], 'mse');
  const biasText = options.value('bias')?.toLowerCase();
  if (biasText === 'free')
    refuse('--bias', 'none or decayed', 'free', 'a decay of all parameters reaches the bias');
  const bias = choice('--bias', biasText, ['none', 'decayed'], 'none');
  const labelSmoothing = singleNumber('--label-smoothing', options.value('label-smoothing') ?? '0');
  if (!(labelSmoothing >= 0 && labelSmoothing < 1))
    refuse('--label-smoothing', 'a number from 0 to below 1', labelSmoothing);
  const { close, ...rest } = await inputsFrom(options);
  const { counts } = rest.inputs.classes;
  const classWeights = weightsOf(options, counts);
  if (smoothedLoss(loss, { classWeights, labelSmoothing }, counts, layers) !== null)
    refuse(
      '--label-smoothing',
      'no class weights beside it under cross-entropy',
      labelSmoothing,
      'PyTorch smooths labels with the weights, for which the estimates were not tried; leave one of them out',
    );
  return {
    ...rest,
    problem: { layers, loss, bias, classWeights, labelSmoothing },
    lossScale: lossScaleOf(options, loss, counts.length),
    training: null,
    weightDecay: weightDecayOf(options) ?? null,
    close,
  };
}

async function inputsFrom(options: Parsed): Promise<Pick<Known, 'inputs' | 'data' | 'close'>> {
  const countsText = options.value('counts');
  const counts = countsText === undefined ? null : parseCounts(countsText);
  const [path, set] = [options.value('inputs'), options.value('set')];
  if (path !== undefined && set !== undefined) refuse('--inputs', 'a file or --set', 'both');
  if (set === undefined && options.value('data') !== undefined)
    refuse('--data', 'a SPEC or --set, whose images are there', 'neither');
  if (path !== undefined) {
    const file = await openArrayFile(path);
    try {
      return { inputs: await readInputs(file, counts), data: path, close: () => file.close() };
    } catch (error) {
      await file.close();
      throw error;
    }
  }
  if (set !== undefined) {
    const kinds = Object.keys(IMAGE_KINDS) as ImageKind[];
    const kind = choice('--set', set, kinds, kinds[0]);
    const { train } = await openImageData(options.value('data') ?? DATA, kind);
    const first = counts === null ? '' : ', the first images of each class';
    return { inputs: inputsOfSet(train, counts), data: `${IMAGE_KINDS[kind].title}${first}`, close: nothing };
  }
  if (counts === null)
    refuse(
      '--decay all',
      'inputs: --inputs FILE, --set NAME, or --counts alone',
      'none of them',
      'for example --set fashion-mnist --counts longtail:500:100:10',
    );
  return {
    inputs: { kind: 'counts', classes: { counts, names: null, notes: [] } },
    data: 'counts alone',
    close: nothing,
  };
}

/** Names are those of the other questions; what evens out free features does not even out a network. */
function weightsOf(options: Parsed, counts: readonly number[]): readonly number[] | null {
  const weights = classWeightsFrom(options.value('class-weights'));
  if (weights === undefined || weights === null) return null;
  if (weights === 'equal-survival')
    refuse(
      '--class-weights',
      'inverse, inverse-sqrt or a number for each class',
      weights,
      'equal-survival is for free features under MSE',
    );
  if (typeof weights === 'string') return namedClassWeights(weights, counts, 1);
  if (weights.length !== counts.length)
    refuse('--class-weights', `a number for each of the ${counts.length} classes`, weights);
  const bad = weights.find((weight) => !(weight > 0 && Number.isFinite(weight)));
  if (bad !== undefined) refuse('--class-weights', 'positive finite numbers', bad);
  return weights;
}

function weightDecayOf(options: Parsed): number | undefined {
  const text = options.value('weight-decay');
  if (text === undefined) return undefined;
  const value = singleNumber('--weight-decay', text);
  if (!(value > 0 && Number.isFinite(value)))
    refuse('--weight-decay', 'one positive number, the decay of all parameters', value);
  return value;
}

/** The user's decay is λ times this. */
function lossScaleOf(options: Parsed, loss: Loss, classes: number): number {
  if (loss === 'ce' && options.value('mse-reduction') !== undefined)
    refuse('--mse-reduction', 'the squared error, --loss mse', loss);
  return 1 / lambdaPerDecay(mseReductionFrom(options, loss), classes);
}

function describeProgress({ busy, done, total }: SurvivalProgress, seconds: number): string {
  return progressLine(busy, done, total, 0, seconds);
}

function describe(document: SurvivalDocument, width: number): Block[] {
  const { conditions, recommendation, notes } = document;
  const text = (line: string) => wrap(line, Math.min(width, WIDEST));
  return [
    text('Which classes survive plain weight decay: one decay of all weights and biases.'),
    '',
    ...describeTraining(document).map(text),
    '',
    text(recommendation),
    '',
    text('The largest weight decay at which each class is learned:'),
    '',
    survivalTable({ name: 'classes', ...document }),
    '',
    ...notes.map(text),
    text(MEASURE_INSTEAD),
    '',
    ...describeConditions(conditions, Math.min(width, WIDEST)),
  ];
}

const MEASURE_INSTEAD =
  'Measured instead, by bisection, with a small network and your counts: collapsar sweep presets/plain-decay-bisect.yaml.';

/** Those that fail stand first, each on its own. */
function describeConditions(conditions: SurvivalDocument['conditions'], width: number): string[] {
  const item = (words: string) => `- ${wrap(words, width - 2).replaceAll('\n', '\n  ')}`;
  const failing = conditions.filter(({ state }) => state === 'fails');
  const others = conditions.filter(({ state }) => state !== 'fails');
  return [
    ...(failing.length === 0
      ? []
      : ['Not as the estimates were tried:', ...failing.map(({ text }) => item(text)), '']),
    'Tried, and to be relied on, only with:',
    ...others.map(({ state, text }) => item(`${text}${state === 'unknown' ? ' (not known here)' : ''}`)),
  ];
}

function describeTraining(document: SurvivalDocument): string[] {
  const { weightLayers, layers, loss, bias, lossScale, samples, classes, data, inputDimension } = document;
  const { classWeights, labelSmoothing } = document;
  const counted =
    layers === null
      ? ''
      : `: ${layers.length > 8 ? [...layers.slice(0, 6), '…', layers.at(-1)].join(', ') : layers.join(', ')}`;
  const error =
    lossScale === 1
      ? 'squared error (½‖·‖² of a sample)'
      : `squared error, averaged over classes (${number(lossScale)} × ½‖·‖²)`;
  return [
    `${weightLayers} weight ${weightLayers === 1 ? 'layer' : 'layers'}${counted}`,
    `${loss === 'ce' ? 'cross-entropy' : error}, ${bias === 'none' ? 'no last bias' : 'a last bias, decayed'}${classWeights === null ? '' : ', class weights'}${labelSmoothing === 0 ? '' : `, label smoothing ${number(labelSmoothing)}`}`,
    `${whole(samples)} samples of ${classes.length} classes from ${data}${inputDimension === null ? '' : `, ${whole(inputDimension)} numbers each`}`,
  ];
}
