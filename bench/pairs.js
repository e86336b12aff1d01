/** Both sides in turn, A B A B, so that a machine that slows down or speeds up does so for both. */
import { spread } from './stats.js';

/**
 * @template A, B
 * @param {number} count
 * @param {() => Promise<A>} ours
 * @param {(() => Promise<B>) | null} theirs
 */
export async function alternate(count, ours, theirs) {
  /** @type {A[]} */
  const a = [];
  /** @type {B[]} */
  const b = [];
  for (let i = 0; i < count; i++) {
    a.push(await ours());
    if (theirs !== null) b.push(await theirs());
  }
  return { ours: a, theirs: b };
}

/** Ratio of each pair. @param {readonly number[]} over @param {readonly number[]} under */
export function ratios(over, under) {
  return spread(over.map((value, i) => value / under[i]));
}

/**
 * The part of a row that sets our rates beside PyTorch's.
 * @param {number[]} rates
 * @param {number[]} peerRates empty where the peer did not run
 * @param {{words: string, tried: any} | null | undefined} settings those at which the peer was fastest
 * @param {import('./peers.js').Peers} peers
 * @param {number} target the least ratio that is aimed at
 */
export function besideTorch(rates, peerRates, settings, peers, target) {
  return {
    ours: spread(rates),
    peer:
      peerRates.length === 0
        ? null
        : {
            name: 'PyTorch float32',
            settings: settings?.words,
            tried: settings?.tried,
            ...spread(peerRates),
          },
    peerMissing: peers.torchMissing,
    ratio: peerRates.length === 0 ? null : ratios(rates, peerRates),
    target: { kind: /** @type {const} */ ('ratio'), atLeast: target },
  };
}
