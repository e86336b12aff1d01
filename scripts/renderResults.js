/** docs/results.md from docs/results/*.json: a table of all runs, then each with its figure and remark. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { claimsSection } from './claims.js';
import { directSection } from './directRuns.js';
import { openSection } from './openQuestions.js';
import { outOfReachSection } from './outOfReach.js';
import { paperScaleSection } from './paperScale.js';

/** Runs of before called a class that vanishes dead, collapsed or collapsed to zero. @param {string} words */
const now = (words) => words.replace(/\b(dead|collapsed to zero|collapsed(?= though|$))/g, 'lost');

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');
const results = readdirSync(join(docs, 'results'))
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(docs, 'results', name), 'utf8')));
const brief = (/** @type {number | null} */ value) =>
  value === null ? '–' : Number(value.toPrecision(3)).toString();
const duration = (/** @type {number} */ seconds) =>
  `${Math.floor(seconds / 60)}:${String(Math.round(seconds % 60)).padStart(2, '0')} minutes`;
const share = (/** @type {number | null} */ value) =>
  value === null ? '–' : `${(100 * value).toFixed(1)} %`;

const head = [
  'run',
  'loss',
  'M',
  'NC1',
  'tr Σ_W/tr Σ_B',
  'Δ PPᵀ',
  'Δ H̄ᵀH̄',
  'Δ PH̄',
  'PPᵀ to ETF',
  'F',
  'theory',
  'test',
];
const rows = results.map(({ name, summary: { problem, nc1, nc2, nc3, objective, prediction, network } }) => [
  `[${name}](#${name.toLowerCase()})`,
  problem.loss,
  problem.depth,
  brief(nc1.pinv),
  brief(nc1.quotient),
  brief(nc2.weights.predicted),
  brief(nc2.features.predicted),
  brief(nc3.predicted),
  brief(nc2.weights.etf),
  brief(objective),
  brief(prediction?.objective ?? null),
  share(network.testAccuracy),
]);
const table = (/** @type {any[][]} */ lines) => lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const sections = results.map(({ name, command, commit, machine, node, remark, summary }) => {
  const { problem, classes, verdict, network, blas } = summary;
  const norms = classes.map((/** @type {any} */ one, /** @type {number} */ k) => [
    String(k) === network.data.classNames[k] ? String(k) : `${k} ${network.data.classNames[k]}`,
    one.count,
    ...[
      one.weightNorm,
      one.predictedWeightNorm,
      one.featureNorm,
      one.predictedFeatureNorm,
      one.fit,
      one.predictedFit,
    ].map(brief),
    now(one.measured ?? '–'),
    now(one.regime ?? '–'),
  ]);
  const decays = `λ_W = ${brief(problem.weightDecays[0])}, λ_H = ${brief(problem.featureDecay)}`;
  const source =
    network.featureDecay.source === 'exact'
      ? 'exact'
      : `fitted, ${network.featureDecay.range.map(brief).join(' to ')} over classes`;
  return `### ${name}

\`${command}\`

${network.parameters} parameters, ${network.data.set} (SHA-256 ${network.data.checksum.slice(0, 12)}…), ${network.epoch} epochs, batch ${network.batch}; in theory's units ${decays} (${source}). Commit ${commit}; ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryGiB)} GiB; Node ${node}, ${blas.name}.

Trained in ${duration(summary.seconds)}. ${now(verdict.sentence)}

**Where theory and measurement part.** ${remark}

${table([['class', 'n', '‖p‖', 'theory', '‖h̄‖', 'theory', 'fit', 'theory', 'measured', 'regime'], Array(10).fill('---'), ...norms])}

![${name}: norms, distances over training, collapse through depth](results/${name}.svg)`;
});
const text = `# Runs beside theory

${claimsSection(docs)}

${directSection(join(docs, 'results', 'direct'))}

${paperScaleSection(join(docs, 'results', 'paper-scale'))}

${outOfReachSection()}

${openSection(join(docs, 'results', 'open'))}

## At quick scale

Trained by \`collapsar reproduce NAME --scale quick\`, one seed each, and measured on the training set in evaluation mode. The quick scale has fewer images and epochs than the paper, and other decays and rates (\`collapsar reproduce --list --scale quick\`): the prediction beside each run is that of its own decays. The CIFAR-10 here is the first of five training batches and 2 000 of the 10 000 test images. Made by \`scripts/collectResult.js\` and \`scripts/renderResults.js\`.

How to read them:

- **Δ** is the distance ‖Â − F̂‖ of a matrix from its predicted frame, both scaled to norm 1: 0 is the same shape, √2 nothing in common. **F** is the objective in theory's units, **theory** its predicted minimum.
- **fit** is the share of its own target that a class's mean output reaches (cross-entropy: of its probability). A class is **alive** above half the predicted fit, **lost** when at most a tenth of it is left (where theory predicts zero: below half the least fit that a living class can have), and undecided between. **regime** is theory's word; cross-entropy has none.
- "As theory says" means: classes live and die as predicted, and norms and PPᵀ are within 25 % of the prediction. It is a statement about shape. The objective is not part of it: a network also pays for weights and features that its outputs do not need, which fade slowly under weak decay; where a verdict gives a share in brackets, that is how much of the excess it is.
- **NC1**, tr(Σ_W Σ_B⁺)/K, divides by the scatter between classes direction by direction: it explodes where a class has died. **tr Σ_W/tr Σ_B** does not.

${table([head, head.map(() => '---'), ...rows])}

${sections.join('\n\n')}
`;
writeFileSync(join(docs, 'results.md'), await format(text, { parser: 'markdown', printWidth: 110 }));
