/** The sections of docs/results.md on what was unclear of VGG16 and ResNet18, with what was measured of it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {any} Run */

const WEAKEST = 9;

/** @param {number} value */
const brief = (value) => String(Number(value.toPrecision(2)));
const share = (/** @type {number} */ value) => `${(100 * value).toFixed(0)} %`;

/** @param {string} folder */
export function openSection(folder) {
  const json = (/** @type {string} */ name) => JSON.parse(readFileSync(join(folder, name), 'utf8'));
  const early = json('vgg16-decay-0.0015-rate-0.05.json');
  const runs = json('vgg16-lost-direction.json');
  const at = (/** @type {Run} */ { epochs }, /** @type {number} */ epoch) =>
    epochs.find((/** @type {Run} */ point) => point.epoch === epoch);
  const EPOCHS = [10, 20, 30, 40, 60];
  const head = [
    'decay',
    'rate',
    'seed',
    ...EPOCHS.map((epoch) => `σ₁₀ at ${epoch}`),
    'right at 10',
    'right at 60',
    'end',
  ];
  const rows = runs
    .filter((/** @type {Run} */ { goesOnFrom }) => goesOnFrom === null)
    .map((/** @type {Run} */ run) => [
      run.decays,
      run.rate,
      run.seed,
      ...EPOCHS.map((epoch) => brief(at(run, epoch).singularValues[WEAKEST])),
      share(at(run, 10).accuracy),
      share(at(run, 60).accuracy),
      at(run, 60).singularValues[WEAKEST] < 0.05 ? 'a direction lost' : 'ten directions alive',
    ]);
  const on = runs
    .filter((/** @type {Run} */ { goesOnFrom }) => goesOnFrom !== null)
    .map((/** @type {Run} */ run) => {
      const last = run.epochs[run.epochs.length - 1];
      return [
        run.decays,
        run.rate,
        last.epoch,
        last.singularValues[WEAKEST].toExponential(1),
        share(last.accuracy),
      ];
    });
  const table = (/** @type {any[][]} */ lines) =>
    [lines[0], lines[0].map(() => '---'), ...lines.slice(1)]
      .map((cells) => `| ${cells.join(' | ')} |`)
      .join('\n');
  const least = (/** @type {Run} */ { fits }) => Math.min(...fits);
  return `## Why VGG16 loses classes at a rate of 0.05

In earlier runs VGG16 at quick scale lost one or two classes at decays of 1.5e-3 and 2e-3 and a rate of 0.05. Those runs are not kept. At 2e-3 it happens again with seed 0 and not with seed 1; at 1.5e-3 seed 0 lost none up to epoch ${early.epoch} of 160, where it was stopped (least fit of a class ${brief(least(early.records[early.records.length - 1]))}), and other seeds were not run to an end.

**Measured**: σ₁₀ is the smallest singular value of P = W₃W₂W₁; all are 1 at the start. The rate is constant, all else as at quick scale.

${table([head, ...rows])}

What is lost is one direction, not one class: the output of cat less that of dog (${brief(Math.abs(at(runs[0], 60).weakest[3]))} and ${brief(Math.abs(at(runs[0], 60).weakest[5]))} of its left singular vector at epoch 60). The two share an output of half the fit each, so about one class in ten is wrong. It stays lost. The run with seed 0 gone on with from epoch 60:

${table([['decay', 'rate', 'to epoch', 'σ₁₀', 'right'], ...on])}

**Derived**: with features that stand still and balanced layers a direction of strength s = w³ grows as w² r − λ_W w, where r is how strongly the residual of that direction goes with the features, ‖uᵀ(Y − PH)Hᵀ‖/N. Below s = (λ_W/r)³ it falls to zero: this is the local minimum at zero that theory has at every decay for more than one layer. With one layer there is none.

**Measured beside it**: of seed 0 the weakest direction was below that barrier at every checkpoint from epoch 10 on; of seed 1 below it at epoch 10, above from epoch 20 on, and it recovered. With the decay on the head alone it was below at all but epoch 50; at a rate of 0.01, and with the decay on the backbone alone, above throughout.

**So, by these runs, the reason is the trap of theory, reached because of the rate.** It is the decay of the head, not that of the backbone with its BatchNorm: with 2e-3 on the head and 1e-3 on the backbone the direction falls as with 2e-3 on all, and with 1e-3 on the head and 2e-3 on the backbone none does. At a rate of 0.01 the classes are told apart (68 % right at epoch 10) while P is still above 0.5; at 0.05 a fifth of the images are right by then and P is at 0.06: the head decays before the features give it a reason not to. That is no matter of decay time, rate times epochs: at 0.01 and epoch 50, the same as 0.05 and epoch 10, all images are right and σ₁₀ is ${brief(
    at(
      runs.find((/** @type {Run} */ run) => run.rate === 0.01),
      50,
    ).singularValues[WEAKEST],
  )}. Once zero, a direction is held there at a tenth of the rate and at half the decay too.

**Wrong guess**: by the barrier at epoch 60 a decay of 1e-3 should have brought the direction back. It did not: r fell too, from 0.04 to 0.01, as the backbone gets no gradient through a direction that is lost. **Guessed**: that the noise of steps at 0.05 is what delays the features and shrinks the head beyond its decay. **Not run**: the network without BatchNorm; more than two seeds a rate; a rate of 0.01 beyond epoch 60, where P is still falling towards its minimum.

\`docs/results/open/vgg16-lost-direction.json\` has the specs, singular values, barriers and the SHA-256 of the records of these runs (\`collapsar train SPEC --data DIR\`; branches are a copy of the run folder with its spec changed, and \`--resume\`), \`vgg16-decay-0.0015-rate-0.05.json\` the run at 1.5e-3.

${resnetSection(json('resnet18-longer.json'))}`;
}

/** @param {Run} run */
function resnetSection({ epochs, lower, sha256OfRecordsWithoutSeconds }) {
  const at = (/** @type {Run[]} */ points, /** @type {number} */ epoch) =>
    brief((points.find((point) => point.epoch === epoch) ?? {}).nc1);
  return `## ResNet18 at quick scale: NC1 below 1e-3 takes longer

**Measured**: the run of below for 240 epochs instead of 160 (seed 0, the rate a tenth from epoch 120): NC1 ${[130, 160, 200, 220, 230, 240].map((epoch) => `${at(epochs, epoch)} at ${epoch}`).join(', ')}. From its checkpoint at epoch 160 with the rate a tenth again, NC1 hardly moves: ${at(lower, 170)} at 170 and ${at(lower, 180)} at 180, against ${at(epochs, 170)} and ${at(epochs, 180)} at the rate as it was. A floor of noise in proportion to the rate would have fallen tenfold at once. **So what was left is time**: NC1 falls with steps times rate. Before epoch 120, at 0.05, NC1 goes up and down between 0.02 and 0.24: there noise is the limit. One seed. SHA-256 of the records without their seconds: ${sha256OfRecordsWithoutSeconds}; spec and numbers are in \`docs/results/open/resnet18-longer.json\`.`;
}
