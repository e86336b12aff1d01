/** `collapsar measure --help`. */
import { MSE_HELP } from './mseOptions.js';
import { TABLE_HELP } from './tables.js';

export const MEASURE_HELP = `collapsar measure: how collapsed a network is, next to the prediction

  collapsar measure network.npz --loss mse \\
                    --weight-decay 5e-4 --feature-decay 5e-4

FILE is npz, safetensors or torch.save's zip (of which tensors, dicts and numbers
are read and nothing is run) with features (N×d, rows are samples; axes of length
1 are dropped), labels (N integers from 0, one-hot rows or words) and, for more
than feature measures, the linear layers of the head W1 … WM (out×in, W1 nearest
the features) and their biases b1 … bM or the last, b. Hidden biases are folded
into the last. Usual names (fc.weight, classifier.bias, X, y) are found too.
Classes without samples are left out. docs/measure.md has the lines of PyTorch
that write such a file. A zip file may unpack to 32 MiB or 100 times its size.

Several files, or a folder of them, are shards of one snapshot where their heads
are the same bit for bit, else a series over epochs or decays.

  --features NAME        array of features (default features)
  --labels NAME          array of labels (default labels)
  --weights W1,W2,…      arrays of the head, features first (default W1 … WM);
                         none: the features alone
  --bias-name NAME       array of the last bias (default bM or b, where there is
                         one), or none; a bias means that it was free
  --head FILE            the head from a checkpoint: a file, the index of a
                         sharded one, or its folder
  --layers a,b,c         feature arrays of several layers: a line for each; head:
                         the linear layers too, however long that takes
  --normalize            features and rows of W divided by their norms, for
                         cosine heads
  --ignore LABEL,…       labels of samples that do not count, such as -100
  --class-names a,b,c    names of the classes, in order
  --global-mean M        h_G of the measures: samples (the default) or classes
  --test FILE,…          test samples about the means of training; for a series
                         a file for each, or their folder
  --ood FILE             features of other data, for NC5
  --shards, --series     what several files are, where their heads do not tell
  --loss mse|ce|focal:G  with the decays: adds the prediction
  --weight-decay LIST    λ_1 … λ_M, features first; one stands for all
  --feature-decay X|fit  λ_H, or fit it from the balance between P and H̄; of a
                         series it is fitted to the last file
${MSE_HELP}
  --optimizer NAME       sgd, adam or adamw: adamw has no λ, so no prediction
  RUN instead of FILE    the folder that Monitor of the PyTorch companion writes:
                         a line an epoch, training and test, and RUN/report.html;
                         loss and decays are in it. Options from --loss on say
                         them instead; --weights names the last layers of its
                         head, where it is to begin later
  --watch                measures it again whenever an epoch is added, until it
                         ends or Ctrl-C; RUN need not be there yet
  --ended                its training has ended, though RUN does not say so
  --data DIR             for a run folder of a network instead of a FILE: the
                         folder of its images; every checkpoint is measured
  --bias free|decayed --bias-decay X --class-weights W --label-smoothing E
  --targets FILE --feature-sign S --logit-adjust T
                         what the training had besides: see predict --help.
                         Targets with a column for each row of features are a
                         regression: NRC1, NRC2, NRC3 in place of the measures
  --out FOLDER           writes report.html, a page that opens from disk, and (not
                         of a RUN, whose own page is then left as it is)
                         measure.json there
${TABLE_HELP}
  --json                 one JSON document on stdout

Classes are numbered from 0, as labels are.`;
