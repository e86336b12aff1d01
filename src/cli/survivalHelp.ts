/** The help of `advise --decay all`. */
import { MSE_HELP } from './mseOptions.js';
import { TABLE_HELP } from './tables.js';

export const SURVIVAL_HELP = `collapsar advise --decay all: which classes survive plain weight decay

  collapsar advise --decay all --weight-layers 5 --loss ce --bias decayed \\
    --counts longtail:500:100:10 --weight-decay 5e-3
  collapsar advise --decay all presets/mlp-fashion.yaml --data DIR

For a network that is trained with one weight decay of all its weights and
biases (weight_decay of PyTorch): for each class the largest decay at which it
is still learned, as an estimate with its interval, and what happens at yours.

  SPEC                   a spec of kind network, or a run folder: layers, loss,
                         data, counts and decay are read there; images are in
                         --data DIR (default data)
  --weight-layers L      without a SPEC: every layer with weights, hidden ones,
                         the features' and the head's
  --loss mse|ce          default mse
  --bias none|decayed    last-layer bias (default none)
${MSE_HELP}
  --class-weights W      inverse (1/n), inverse-sqrt, or a number for each
                         class; re-sampling is the same
  --label-smoothing E    targets (1 − E)·one-hot + E/K
  --weight-decay X       yours
  --out FILE.svg         decay against class as a figure
${TABLE_HELP}
  --json                 one JSON document on stdout

What the classes look like, the more the better:

  --inputs FILE          npz of inputs (N×…, as the network sees them) and
                         labels; or of means (K×…) and counts
  --set NAME             mnist, fashion-mnist or cifar-10 in --data DIR,
                         normalised as in specs
  --counts LIST          with inputs: the first so many of each class; alone: a
                         wide interval, for images normalised as usual

Estimates, not theorems: the conditions are printed, and what fails is named. To
measure instead: collapsar sweep presets/plain-decay-bisect.yaml --data DIR.`;
