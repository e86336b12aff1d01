/**
 * Several files: shards of one snapshot, or a series of snapshots over epochs or decays.
 *
 * Under one prediction a series is held against one λ_H, fitted to its last snapshot: theory would else move with what it is
 * held against.
 */
import { InputError, refuse } from '../../core/errors.js';
import type { ArrayFile } from '../../data/index.js';
import type { Head } from '../../model/index.js';
import type { MeasureDocument } from './document.js';
import { headOfFile } from './featureFile.js';
import { measureWithFrames, type ComparedFrames, type MeasureArguments } from './measure.js';
import type { Reading } from './roles.js';

export interface SeriesDocument {
  /** One for each file, in the order given; each has `test` where test files stand beside. */
  readonly series: readonly MeasureDocument[];
  /** λ_H of the theory beside all of them, where it was fitted, and the file that it was fitted to. */
  readonly featureDecay: { readonly value: number; readonly file: string } | null;
}

export type SeveralFiles = 'shards' | 'series';

/**
 * What several files are: shards where their heads are the same bit for bit, else a series. Throws where none has a head: then
 * features alone do not tell.
 */
export async function kindOfFiles(files: readonly ArrayFile[], reading: Reading): Promise<SeveralFiles> {
  const heads: (Head | null)[] = [];
  for (const file of files) heads.push(await headOfFile(file, reading));
  const [first] = heads;
  if (heads.every((head) => head === null))
    throw new InputError(
      'argument',
      files[0].name,
      'heads that tell shards of one snapshot from a series',
      `${files.length} files without a head`,
      'say which they are, shards or a series',
      'series',
    );
  return heads.every((head) => sameHead(first, head)) ? 'shards' : 'series';
}

function sameHead(a: Head | null, b: Head | null): boolean {
  if (a === null || b === null) return a === b;
  const sameNumbers = (x: Float64Array, y: Float64Array) =>
    x.length === y.length && x.every((value, i) => Object.is(value, y[i]));
  return (
    a.weights.length === b.weights.length &&
    a.weights.every(
      (W, m) =>
        W.rows === b.weights[m].rows &&
        W.cols === b.weights[m].cols &&
        sameNumbers(W.data, b.weights[m].data),
    ) &&
    (a.bias === null) === (b.bias === null) &&
    (a.bias === null || b.bias === null || sameNumbers(a.bias, b.bias))
  );
}

export interface SeriesArguments extends Omit<MeasureArguments, 'file' | 'shards' | 'test'> {
  readonly files: readonly ArrayFile[];
  /** A file of test samples for each, in the same order. */
  readonly tests?: readonly ArrayFile[] | undefined;
}

export async function measureSeries(args: SeriesArguments): Promise<SeriesDocument> {
  return (await measureSeriesWithFrames(args)).document;
}

/** The same with the matrices of the last snapshot, to draw it. */
export async function measureSeriesWithFrames(
  args: SeriesArguments,
): Promise<{ readonly document: SeriesDocument; readonly frames: ComparedFrames | null }> {
  const { files, tests, ...rest } = args;
  if (tests !== undefined && tests.length !== files.length)
    refuse('test', `a file for each of the ${files.length} of the series`, tests.length);
  const measureOne = (i: number, featureDecay: MeasureArguments['featureDecay']) =>
    measureWithFrames({
      ...rest,
      ...{ file: files[i], featureDecay },
      ...(tests === undefined ? {} : { test: [tests[i]] }),
    });
  const last = files.length - 1;
  const atLast = await measureOne(last, rest.featureDecay);
  const fitted = atLast.document.fittedFeatureDecay;
  const decay = fitted === null ? rest.featureDecay : { lambda: fitted.value };
  const series: MeasureDocument[] = [];
  for (let i = 0; i < last; i++) series.push((await measureOne(i, decay)).document);
  const document = {
    series: [...series, atLast.document],
    featureDecay: fitted === null ? null : { value: fitted.value, file: files[last].name },
  };
  return { document, frames: atLast.frames };
}
