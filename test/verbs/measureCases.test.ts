/** Every file of `test/cases` that `measure` is given, and the right answer to it. */
import { describe, expect, it } from 'vitest';
import { measureVerb } from '../../src/cli/measure.js';
import { InputError } from '../../src/core/errors.js';
import type { MeasureDocument } from '../../src/verbs/index.js';
import { documentOf } from '../support/commandInProcess.js';

const at = (name: string) => new URL(`../cases/${name}`, import.meta.url).pathname;
const run = (names: string, options: string) =>
  documentOf<MeasureDocument>(measureVerb, [
    ...names.split(' ').map(at),
    ...(options === '' ? [] : options.split(' ')),
  ]);

type Expected = Readonly<Record<string, unknown>>;
const held = { held: true };

describe('a file is measured', () => {
  it.each<[string, string, Expected]>([
    ['hidden_bias_folded.npz', '', { accuracy: 1, nc4: 179 / 180 }],
    // The file has lost b1 and b2: what is left in it is another network, and no reader can know.
    ['hidden_bias_readme.npz', '', { accuracy: 111 / 180, notes: [] }],
    ['three_biases.npz', '', { depth: 3, notUsed: [] }],
    ['three_biases_nob.npz', '', { depth: 3, notUsed: [] }],
    // Several decayed biases are no one decayed bias.
    [
      'three_biases.npz',
      '--loss mse --weight-decay 1e-2 --feature-decay 1e-2 --bias decayed',
      {
        prediction: null,
        predictionNote: expect.stringContaining('hidden layers of the head (b1, b2) were decayed') as unknown,
      },
    ],
    ['three_biases.npz', '--loss mse --weight-decay 1e-2 --feature-decay 1e-2', { prediction: { rank: 3 } }],
    ['state_dict_names.npz', '', { accuracy: 91 / 92, notUsed: [] }],
    ['fcweight.npz', '', { accuracy: 1, notes: ['head from fc.weight; bias from fc.bias'] }],
    ['headw.npz', '', { accuracy: 1, notes: ['head from head.weight; bias from head.bias'] }],
    ['wWb.npz', '', { accuracy: 1, notes: ['head from weight; bias from bias'] }],
    [
      'ufmflip_mse.npz',
      '--loss mse --mse-reduction mean --weight-decay 2e-2 --feature-decay 2e-2',
      {
        verdict: {
          held: true,
          sentence: expect.stringContaining('classes 2 and 3 are lost, as predicted') as unknown,
        },
      },
    ],
    [
      'ufm_mse_0.0.npz',
      '--loss mse --mse-reduction mean --weight-decay 1e-3 --feature-decay fit',
      { verdict: held, fittedFeatureDecay: { value: expect.closeTo(2e-3, 8) as unknown } },
    ],
    [
      'ufm_ce_0.005.npz',
      '--loss ce --weight-decay 5e-3 --feature-decay 5e-3',
      {
        verdict: {
          held: false,
          warnings: expect.arrayContaining([expect.stringContaining('its bias was decayed')]) as unknown,
        },
      },
    ],
    [
      'ufm_ce_0.005.npz',
      '--loss ce --weight-decay 5e-3 --feature-decay 2e-3 --bias decayed --bias-decay 5e-3',
      { verdict: { held: true, warnings: [], biasResidual: expect.closeTo(0, 6) as unknown } },
    ],
    [
      'ufm_ce_0.005.npz',
      '--loss ce --weight-decay 5e-3 --feature-decay 2e-3 --bias decayed --bias-decay 1e-2',
      {
        verdict: {
          warnings: expect.arrayContaining([
            expect.stringContaining('its bias had another decay'),
          ]) as unknown,
        },
      },
    ],
    [
      'orth_perm_s.npz',
      '--loss ce --weight-decay 1e-3 --feature-decay 1e-3',
      {
        uniqueUpTo: 'exchange',
        verdict: { held: true, sentence: expect.stringContaining('up to an exchange of classes') as unknown },
      },
    ],
    [
      'etf_offset.npz',
      '--loss ce --weight-decay 5e-3 --feature-decay 2e-3',
      { nc1: { pinv: 0 }, verdict: { held: true, warnings: [expect.stringContaining('constant offset')] } },
    ],
    ['missing_class.npz', '', { absentClasses: [4], classLabels: [0, 1, 2, 3] }],
    [
      'one_based.npz',
      '',
      { classLabels: [1, 2, 3, 4], notes: [expect.stringMatching(/labels run from 1 .*subtract 1/)] },
    ],
    [
      'lab1.npz',
      '',
      { classLabels: [1, 2, 3], notes: [expect.stringMatching(/labels run from 1 .*subtract 1/)] },
    ],
    ['n1c11.npz', '', { dimension: 6, accuracy: 1 }],
    ['onehot.npz', '', { counts: [10, 10, 10, 10], accuracy: 1 }],
    ['strlabels.npz', '', { classNames: ['cat', 'dog', 'emu', 'fox'], accuracy: 1 }],
    ['shard0.npz shard1.npz', '', { samples: 40, counts: [10, 10, 10, 10], accuracy: 1 }],
    ['two_feature_layers.npz', '', { layers: [{ name: 'layer1' }, { name: 'layer2' }], notUsed: [] }],
    ['x_y.npz', '', { notes: ['features from X; labels from y'], accuracy: 1 }],
    ['gap.npz', '', { absentClasses: [1], classLabels: [0, 2] }],
    ['subset-of-classes.npz', '', { absentClasses: [3, 4, 5, 6, 7, 8, 9] }],
    ['fnuz.safetensors', '', { samples: 24, notUsed: ['scale'] }],
  ])('%s %s', async (names, options, expected) => {
    expect(await run(names, options)).toMatchObject(expected);
  });
});

describe('a file is refused with what to do', () => {
  it.each([
    ['seq_head.npz', 'head.0.weight 4×6, head.2.weight 4×6; name the layers, nearest'],
    ['transposedW.npz', 'got 6×4; this looks like in×out: write W1.T, 4×6'],
    ['lfs.safetensors', 'a pointer of Git LFS, not the file itself; fetch it with git lfs pull'],
    ['model.safetensors.index.json', 'an index of the shards of a safetensors file'],
    ['bf16V2.npz', 'this is how NumPy writes bfloat16: convert in PyTorch with .float()'],
  ])('%s', async (name, words) => {
    const error: unknown = await run(name, '').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toContain(words);
  });
});
