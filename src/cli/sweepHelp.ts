/** The help of `sweep`. */
import { FIGURE_HELP } from './figureOptions.js';
import { SLURM_HELP } from './sweepSlurm.js';
import { TABLE_HELP } from './tables.js';

export const SWEEP_HELP = `collapsar sweep: a grid over any keys of a spec, theory beside training

  collapsar sweep presets/survival-by-depth.yaml --jobs 2

SPEC is a spec of collapsar train with a section sweep, from keys to lists or
ranges; a dot reaches into a section, keys in one list go together:

  sweep:
    weightDecay: {from: 1e-4, to: 1, points: 20, scale: log}
    [depth, width]: [[1, 64], [3, 32]]
    init.seed: [0, 1, 2]

With steps: 0 theory alone is asked. Your own training instead of ours: a list
of words that no shell reads; it fills the folder {out} with a file that measure
reads, and its exit code counts:

  run: [python, train.py,
    --wd, '{weightDecay}', --out, '{out}']
  measure: {loss: ce, weightDecay: '{weightDecay}',
    featureDecay: fit}

With bisect: weightDecay beside sweep only the points are run that say at which
decay each class is lost; presets/plain-decay-bisect.yaml asks a small network.

${SLURM_HELP}
  --jobs N               processes on this machine, each with one thread of BLAS
                         (default: the cores there are); 0: in this process
  --out FOLDER           (default sweeps/NAME, the first that is free)
  --resume               go on with the sweep in --out, or: collapsar sweep
                         FOLDER --resume; points that failed are run again;
                         with --on local also one that Slurm began, without
                         the points that its jobs have
  --override KEY=VALUE   sets a key of the spec; may be given again
  --data DIR             for networks: the folder of the images
  --folders              keeps a run folder for every point
  --dry-run              says what would run and about how long it takes, and
                         prints the script for Slurm
${FIGURE_HELP}
${TABLE_HELP}
  --json                 one JSON document on stdout

The folder gets results.csv, one row a point and class (docs/sweep.md says what
its columns are), and sweep.html with its figures, each beside it as SVG:
collapsar report FOLDER draws them anew. Ctrl-C keeps all that is done and exits
with 1, as a sweep with points that failed does.`;
