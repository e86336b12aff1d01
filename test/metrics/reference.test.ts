/**
 * Networks trained on Fashion-MNIST, beside measures that were computed independently with NumPy in float64, and beside
 * those of the PyPI library `neural-collapse` (peer_library, global mean over class means).
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Head, PredictedGeometry } from '../../src/model/index.js';
import { BLASES, NATIVE_NOTE } from '../support/blases.js';
import { readAll, SHARED_IS_THERE, SHARED_NOTE, sharedPath } from '../support/shared.js';
import { close, float32, measured, title } from './support.js';

interface Reference {
  readonly [key: string]: unknown;
  readonly peer_library: Readonly<Record<string, number>>;
  readonly pred_s?: readonly number[];
}
interface Setting {
  readonly M: number;
  readonly counts: readonly number[];
  readonly lambdaH: number;
  readonly bias: boolean;
}

const FILES = ['fashion-balanced-ce-M1', 'fashion-collapsed-mse-M2', 'fashion-imbalanced-mse-M3'] as const;

/** What the issue asks for; the reference prints all digits, so only the two ways of rounding differ (1e-12 seen). */
const ASKED = 1e-6;

async function load(name: string) {
  const arrays = await readAll(sharedPath(`features/${name}.npz`));
  const setting = JSON.parse(readFileSync(sharedPath(`features/${name}.json`), 'utf8')) as Setting;
  const reference = JSON.parse(
    readFileSync(sharedPath(`features/${name}.metrics.json`), 'utf8'),
  ) as Reference;
  const head: Head = {
    weights: Array.from({ length: setting.M }, (_, m) => arrays.get(`W${m + 1}`)!),
    bias: arrays.get('b')?.data ?? null,
  };
  const labels = Int32Array.from(arrays.get('labels')!.data);
  const predicted = reference.pred_s
    ? diagonalPrediction(reference.pred_s, labels.length * setting.lambdaH)
    : null;
  return { features: arrays.get('features')!, labels, head, reference, predicted, counts: setting.counts };
}

/** PPᵀ = diag(s²), H̄ᵀH̄ = diag(s²/(s²+Nλ_H)²), PH̄ = diag(s²/(s²+Nλ_H)), Δ = diag(s²+Nλ_H). */
function diagonalPrediction(s: readonly number[], c: number): PredictedGeometry {
  const frame = (f: (square: number) => number) =>
    ({ kind: 'diagonal', entries: Float64Array.from(s, (x) => f(x * x)) }) as const;
  return {
    weights: frame((x) => x),
    features: frame((x) => x / (x + c) ** 2),
    logits: frame((x) => x / (x + c)),
    duality: frame((x) => x + c),
  };
}

describe.each(BLASES.map((blas) => [title(blas), blas] as const))(
  `%s${NATIVE_NOTE}${SHARED_NOTE}`,
  (_, blas) => {
    describe.skipIf(!SHARED_IS_THERE).each(FILES)('%s', (name) => {
      it.each(['double', 'single'] as const)('agrees with NumPy, %s products', async (products) => {
        const { features, labels, head, reference, predicted, counts } = await load(name);
        const { measurement: m, snapshot } = await measured(
          { features: float32(features), labels },
          { blas, head, predicted, products, batchRows: 700 },
        );
        const want = (key: string) => (reference[key] ?? null) as number | null;
        const pairs: [string, number | null][] = [
          ['trSW', snapshot.statistics.withinTrace],
          ['nc1_pinv', m.nc1.pinv],
          ['nc1_pinv_weightedSB', m.nc1.pinvWeighted],
          ['nc1_quotient', m.nc1.quotient],
          ['cdnv', m.cdnv],
          ['equinorm_cov_centred', m.nc2.equinorm],
          ['cos_mean', m.nc2.cosineMean],
          ['cos_sd', m.nc2.cosineSd],
          ['equiangle_dev', m.nc2.equiangular],
          ['nc2_etf_PPt', m.nc2.weights.etf],
          ['nc2_of_PPt', m.nc2.weights.orthogonal],
          ['nc2_gof_PPt', m.nc2.weights.predicted],
          ['nc2_etf_HtH_centred', m.nc2.features.etf],
          ['nc2_of_HtH', m.nc2.features.orthogonal],
          ['nc2_gof_HtH', m.nc2.features.predicted],
          ['nc3_etf_PH_centred', m.nc3.etf],
          ['nc3_of_PH', m.nc3.orthogonal],
          ['nc3_gof_PH', m.nc3.predicted],
          ['nc3_dual', m.nc3.duality],
          ['nc3_dual_centred', m.nc3.dualityCentred],
          ['nc3_gof_dual', m.nc3.dualityPredicted],
          ['nc4_agree', m.nc4],
          ['accuracy', m.accuracy],
          ['N', m.samples],
        ];
        for (const [key, got] of pairs) close(got, want(key), ASKED, 0, key);
        expect(m.counts).toEqual(counts);
        const norms = (key: string) => reference[key] as number[];
        m.classes.forEach((one, k) => {
          close(one.featureNorm, norms('mean_norms')[k], ASKED, 0, `mean norm ${k}`);
          close(one.weightNorm, norms('P_row_norms')[k], ASKED, 0, `row norm ${k}`);
        });
      });

      it('agrees with the peer library when the global mean is that of the class means', async () => {
        const { features, labels, head, reference } = await load(name);
        const { measurement: m } = await measured(
          { features, labels },
          { blas, head, globalMean: 'classes' },
        );
        const peer = reference.peer_library;
        expect(m.conventions.globalMean).toBe('classes');
        close(m.nc1.pinv, peer['nc1_pinv'], ASKED, 0, 'pinv');
        close(m.nc1.quotient, peer['nc1_quotient'], ASKED, 0, 'quotient');
        // The library sums the CDNV in float32: seven digits at best, over a few thousand terms.
        close(m.cdnv, peer['cdnv_exp1'], 1e-6, 0, 'cdnv');
        close(m.nc2.features.etf, peer['etf_error'], ASKED, 0, 'etf');
        close(m.nc3.etf, peer['self_duality'], ASKED, 0, 'PH against the ETF');
      });
    });
  },
);
