/** The loss of a sample against PyTorch, whose numbers (1.13, float64) stand here: loss and gradient of five samples' logits. */
import { describe, expect, it } from 'vitest';
import {
  PLAIN,
  sampleLossOf,
  variedLossOf,
  type Loss,
  type VariedLoss,
  type Variations,
} from '../../src/model/index.js';

const LOGITS = [
  [0.3, -1.2, 2.0],
  [1.1, 0.4, -0.7],
  [-0.5, 0.9, 0.2],
  [2.5, -0.3, 0.6],
  [0.1, 0.2, -1.4],
];
const LABELS = [0, 1, 2, 0, 1];
const COUNTS = [2, 2, 1];
const TARGETS = [
  [0.8, 0.1, 0.2],
  [0.1, 0.6, 0.3],
  [0.1, 0.3, 0.5],
];

/** The mean over the samples, and its gradient, as the training of a network has them. */
function meanLoss(loss: Loss, varied: VariedLoss): readonly [number, number[][]] {
  const evaluate = sampleLossOf(loss, varied);
  let total = 0;
  const gradients = LOGITS.map((logits, i) => {
    const gradient = new Float64Array(3);
    const weight = varied.sampleWeights[LABELS[i]] / LABELS.length;
    total += weight * evaluate(Float64Array.from(logits), LABELS[i], gradient);
    return Array.from(gradient, (value) => weight * value);
  });
  return [total, gradients];
}

interface Case {
  readonly title: string;
  readonly loss: Loss;
  readonly variations: Partial<Variations>;
  readonly expected: readonly [number, readonly (readonly number[])[]];
}

const WEIGHTS = [0.5, 2, 3];
const CASES: readonly Case[] = [
  {
    title: 'F.cross_entropy(weight=…)',
    loss: 'ce',
    variations: { classWeights: WEIGHTS },
    expected: [
      1.0899526230551957,
      [
        [-0.05316757111353805, 0.002082346352010087, 0.051085224761527964],
        [0.15043166136455133, -0.17529784774143783, 0.024866186376886527],
        [0.05304887686722708, 0.21512380371312645, -0.26817268058035354],
        [-0.010863267680340412, 0.003140032926120116, 0.007723234754220297],
        [0.1073744295092148, -0.13133290316145219, 0.02395847365223739],
      ],
    ],
  },
  {
    title: 'F.cross_entropy(label_smoothing=0.15)',
    loss: 'ce',
    variations: { labelSmoothing: 0.15 },
    expected: [
      1.126281542580215,
      [
        [-0.15013622756332176, -0.00333649167356772, 0.1534727192368895],
        [0.11034532909164108, -0.12023827819315026, 0.009892949101509224],
        [0.018292734329187772, 0.10473269531366743, -0.12302542964285523],
        [-0.014762456577089302, 4.810536358437326e-5, 0.014714351213504954],
        [0.07589954360737185, -0.08506632252916173, 0.009166778921789914],
      ],
    ],
  },
  {
    title: 'F.cross_entropy of probabilities',
    loss: 'ce',
    variations: { targets: TARGETS },
    expected: [
      1.2862815425802152,
      [
        [-0.13013622756332177, -0.013336491673567723, 0.14347271923688953],
        [0.10034532909164107, -0.06023827819315026, -0.04010705089849077],
        [-0.011707265670812232, 0.054732695313667444, -0.04302542964285523],
        [0.005237543422910706, -0.00995189463641563, 0.004714351213504955],
        [0.06589954360737184, -0.025066322529161727, -0.04083322107821009],
      ],
    ],
  },
  {
    title: 'mean of (1 − p)^2.5·(−log p)',
    loss: 'ce',
    variations: { focal: 2.5 },
    expected: [
      0.49222061441111736,
      [
        [-0.20831960701521435, 0.008158987981488772, 0.20016061903372556],
        [0.11331010736401306, -0.132040142135553, 0.018730034771539963],
        [0.02753721601819341, 0.11166891748397254, -0.13920613350216596],
        [-0.0014312529751088962, 0.00041370438432466935, 0.0010175485907842272],
        [0.046102731173469774, -0.05638964096348609, 0.01028690979001632],
      ],
    ],
  },
  {
    title: 'F.cross_entropy(weight=…) of z·δ + ι',
    loss: 'ce',
    variations: {
      classWeights: WEIGHTS,
      logitAdjustment: { offsets: [-0.9, -1, -1.6], scales: [1, 0.8, 0.5] },
    },
    expected: [
      1.2281476485912712,
      [
        [-0.03480421132042111, 0.005686738112673773, 0.013847894339789446],
        [0.1632634861591883, -0.14582487667168506, 0.00950880484020901],
        [0.07545739828012105, 0.18501273943070654, -0.1533616612842521],
        [-0.006368101369831181, 0.0026236348474555724, 0.0015442789052558608],
        [0.11447307862434357, -0.1120123799923817, 0.012771198183066795],
      ],
    ],
  },
  {
    title: 'Σ w_y/2·‖z − t_y‖² over N',
    loss: 'mse',
    variations: { classWeights: WEIGHTS, targets: TARGETS },
    expected: [
      1.7424999999999997,
      [
        [-0.05, -0.13, 0.19],
        [0.4, -0.07999999999999999, -0.4],
        [-0.42000000000000004, 0.3600000000000001, -0.18000000000000002],
        [0.17, -0.04000000000000001, 0.05],
        [0.0, -0.16, -0.68],
      ],
    ],
  },
];

describe('a varied loss', () => {
  it.each(CASES)('is that of PyTorch: $title', ({ loss, variations, expected }) => {
    const varied = variedLossOf({ ...PLAIN, counts: COUNTS, loss, ...variations });
    const [value, gradients] = meanLoss(loss, varied);
    // Sums of a few terms of order one in float64.
    expect(value).toBeCloseTo(expected[0], 13);
    gradients.forEach((row, i) =>
      row.forEach((entry, j) => expect(entry).toBeCloseTo(expected[1][i][j], 13)),
    );
  });

  it('does not depend on the scale of the weights under cross-entropy, and does under MSE', () => {
    const of = (loss: Loss, classWeights: readonly number[]) =>
      variedLossOf({ ...PLAIN, counts: COUNTS, loss, classWeights }).sampleWeights;
    const twice = WEIGHTS.map((w) => 2 * w);
    of('ce', twice).forEach((w, k) => expect(w).toBeCloseTo(of('ce', WEIGHTS)[k], 14));
    expect(of('mse', twice)).toEqual(twice);
    // One on average over the samples.
    expect(of('ce', WEIGHTS).reduce((sum, w, k) => sum + COUNTS[k] * w, 0)).toBeCloseTo(5, 13);
  });
});
