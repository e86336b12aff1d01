/** docs/results.md from docs/results/*.json: a table of all runs, then each with its figure and remark. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');
const results = readdirSync(join(docs, 'results'))
  .filter((name) => name.endsWith('.json'))
  .sort()
  .map((name) => JSON.parse(readFileSync(join(docs, 'results', name), 'utf8')));
const brief = (/** @type {number | null} */ value) =>
  value === null ? '–' : Number(value.toPrecision(3)).toString();
const share = (/** @type {number | null} */ value) =>
  value === null ? '–' : `${(100 * value).toFixed(1)} %`;

const head = ['run', 'loss', 'M', 'NC1', 'tr Σ_W/tr Σ_B', 'Δ PPᵀ', 'Δ H̄ᵀH̄', 'Δ PH̄', 'F', 'theory', 'test'];
const rows = results.map(({ name, summary: { problem, nc1, nc2, nc3, objective, prediction, network } }) => [
  `[${name}](#${name})`,
  problem.loss,
  problem.depth,
  brief(nc1.pinv),
  brief(nc1.quotient),
  brief(nc2.weights.predicted),
  brief(nc2.features.predicted),
  brief(nc3.predicted),
  brief(objective),
  brief(prediction?.objective ?? null),
  share(network.testAccuracy),
]);
const table = (/** @type {any[][]} */ lines) => lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const sections = results.map(({ name, command, commit, machine, node, remark, summary }) => {
  const { problem, classes, verdict, network, blas } = summary;
  const norms = classes.map((/** @type {any} */ one, /** @type {number} */ k) => [
    `${k} ${network.data.classNames[k]}`,
    one.count,
    ...[
      one.weightNorm,
      one.predictedWeightNorm,
      one.featureNorm,
      one.predictedFeatureNorm,
      one.fit,
      one.predictedFit,
    ].map(brief),
    one.measured ?? '–',
    one.regime ?? '–',
  ]);
  const decays = `λ_W = ${brief(problem.weightDecays[0])}, λ_H = ${brief(problem.featureDecay)}`;
  const source =
    network.featureDecay.source === 'exact'
      ? 'exact'
      : `fitted, ${network.featureDecay.range.map(brief).join(' to ')} over classes`;
  return `## ${name}

\`${command}\`

${network.parameters} parameters, ${network.data.set} (SHA-256 ${network.data.checksum.slice(0, 12)}…), ${network.epoch} epochs, batch ${network.batch}; in theory's units ${decays} (${source}). Commit ${commit}; ${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryGiB)} GiB; Node ${node}, ${blas.name}.

${verdict.sentence}

**Where theory and measurement part.** ${remark}

${table([['class', 'n', '‖p‖', 'theory', '‖h̄‖', 'theory', 'fit', 'theory', 'measured', 'regime'], Array(10).fill('---'), ...norms])}

![${name}: norms, distances over training, collapse through depth](results/${name}.svg)`;
});
const text = `# Quick-scale runs on real images

Trained by \`collapsar reproduce NAME --scale quick\` and measured on the training set in evaluation mode. Δ is the distance ‖Â − F̂‖ from the predicted frame; F and theory are the objective in theory's units and its predicted minimum. Made by \`scripts/collectResult.js\` and \`scripts/renderResults.js\`.

${table([head, head.map(() => '---'), ...rows])}

${sections.join('\n\n')}
`;
writeFileSync(join(docs, 'results.md'), await format(text, { parser: 'markdown', printWidth: 110 }));
