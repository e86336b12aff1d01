/** Key facts of a network's run: what was trained, on what, for how long, how accurate, and under which decays. */
import type { NetworkRecord, NetworkSummary, RunSummary, TrainRecord } from '../../runs/records.js';
import { fact } from './factItem.js';
import {
  finite,
  formatCount,
  formatExact,
  formatNumber,
  formatPercent,
  formatRuns,
  formatSeconds,
} from '../format.js';
import type { Html } from './html.js';
import { nameOfArchitecture, nameOfSet, shortChecksum, sizesOf } from './networkNames.js';

/** What was trained on what; empty for runs that are not of a network. */
export function networkFacts(summary: RunSummary): Html[] {
  if (summary.kind !== 'network') return [];
  const { network, accuracy } = summary;
  const { data } = network;
  return [
    fact(
      'Architecture',
      nameOfArchitecture(network),
      [sizesOf(network), `${formatCount(network.parameters)} parameters`]
        .filter((part) => part !== '')
        .join('; '),
    ),
    fact(
      'Data set',
      nameOfSet(network),
      [`SHA-256 ${shortChecksum(network)}…`, ...(data.notes ?? [])].join('; '),
    ),
    fact('Training accuracy', formatPercent(accuracy)),
    fact(
      'Test accuracy',
      formatPercent(network.testAccuracy),
      data.testSamples === 0 ? 'no test samples' : `${formatCount(data.testSamples)} samples`,
    ),
    ...topFiveFacts(network),
    fact('Epochs', formatCount(network.epoch), `batches of ${formatCount(network.batch)}`),
  ];
}

/** Nothing of five classes or fewer, where it says nothing, and of runs that did not count it. */
export function topFiveFacts({
  top5Accuracy,
  testTop5Accuracy,
}: Pick<NetworkRecord, 'top5Accuracy' | 'testTop5Accuracy'>): Html[] {
  const test = testTop5Accuracy ?? null;
  if (top5Accuracy === undefined) return [];
  return [
    fact(
      'Top-5 accuracy',
      formatPercent(top5Accuracy),
      test === null ? 'of training samples' : `of training samples, ${formatPercent(test)} of test samples`,
    ),
  ];
}

/** λ_W and λ_H as theory counts them. */
export function decayFacts({ network, problem }: NetworkSummary): Html[] {
  const { source, range } = network.featureDecay;
  const fitted = finite(problem.featureDecay) !== null;
  const spread =
    range === null ? '' : `; ${formatNumber(range[0], 3)} to ${formatNumber(range[1], 3)} over classes`;
  const fit = fitted ? `fitted to the balance of P and H̄${spread}` : 'could not be fitted';
  return [
    fact('Effective λ_W', formatRuns(problem.weightDecays, shortest), 'in the units of theory'),
    fact(
      'Effective λ_H',
      shortest(problem.featureDecay),
      source === 'exact' ? 'exact: the setting itself' : fit,
    ),
  ];
}

/** Seconds and speed. */
export function speedFacts({ network, seconds }: NetworkSummary): Html[] {
  const { imagesPerSecond, threads } = network;
  const remark = [
    ...(imagesPerSecond === null ? [] : [`${formatCount(Math.round(imagesPerSecond))} images/s`]),
    ...(threads === null ? [] : [`${formatCount(threads)} ${threads === 1 ? 'thread' : 'threads'}`]),
  ].join(', ');
  return [fact('Training time', formatSeconds(seconds), remark === '' ? null : remark)];
}

/** What the last record says of a network whose run has no summary. */
export function lastRecordFacts(last: TrainRecord | undefined): Html[] {
  const network = last?.network;
  if (last === undefined || network === undefined) return [];
  return [
    fact('Epoch there', formatCount(network.epoch)),
    fact('Training accuracy', formatPercent(last.accuracy)),
    fact('Test accuracy', formatPercent(network.testAccuracy)),
    ...topFiveFacts(network),
    fact('Effective λ_H', shortest(network.featureDecay), 'in the units of theory'),
  ];
}

/** Four digits without zeros at the end: effective decays are rounded products of settings. */
function shortest(decay: unknown): string {
  const x = finite(decay);
  return formatExact(x === null ? null : Number(x.toPrecision(4)));
}
