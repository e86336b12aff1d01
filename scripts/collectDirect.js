/**
 * Evidence of direct-optimisation runs: `node scripts/collectDirect.js FOLDER EXPERIMENT [RUN…]` writes docs/results/direct/EXPERIMENT.jsonl,
 * a line for each run folder inside, and the figure of every RUN: its spec, how it ended beside theory layer by layer, and the SHA-256 of its records without
 * their seconds, which the same command makes again bit for bit on the same BLAS with one thread.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createFigureDocument } from '../dist/node.js';
import { runFigure, svgText } from '../dist/report/index.js';
import { describeMachine, describeRuntime } from './machine.js';

const [folder, experiment, ...drawn] = process.argv.slice(2);
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'results', 'direct');
mkdirSync(target, { recursive: true });

/** @param {string} path */
function recordsChecksum(path) {
  const hash = createHash('sha256');
  for (const line of readFileSync(path, 'utf8').trim().split('\n')) {
    const record = JSON.parse(line);
    delete record.seconds;
    hash.update(`${JSON.stringify(record)}\n`);
  }
  return hash.digest('hex');
}

/** @param {any} layer */
const brief = ({ name, nc1, cdnv, nc2, nc3, predicted }) => ({
  name,
  nc1: nc1.pinv,
  cdnv,
  means: nc2.features.predicted,
  above: nc2.weights.predicted,
  both: nc3.predicted,
  etf: nc2.features.etf,
  equinorm: nc2.equinorm,
  predicted:
    predicted === null ? null : { etf: predicted.nc2.features.etf, equinorm: predicted.nc2.equinorm },
});

const lines = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort()
  .map((name) => {
    const path = join(folder, name);
    const { problem, training, prediction, layers, classes, ...summary } = JSON.parse(
      readFileSync(join(path, 'summary.json'), 'utf8'),
    );
    return JSON.stringify({
      name,
      command: summary.command,
      problem,
      training,
      status: summary.status,
      step: summary.step,
      seconds: Math.round(summary.seconds),
      blas: summary.blas,
      objective: summary.objective,
      predicted: prediction.objective,
      nc1: summary.nc1.pinv,
      nc3: summary.nc3.predicted,
      duality: summary.nc3.dualityPredicted,
      verdict: summary.verdict,
      divergence: summary.divergence ?? null,
      classes: classes.map((/** @type {any} */ each) => [
        each.weightNorm,
        each.predictedWeightNorm,
        each.featureNorm,
        each.predictedFeatureNorm,
      ]),
      layers: layers.map(brief),
      recordsSha256: recordsChecksum(join(path, 'records.jsonl')),
      machine: describeMachine().cpu,
      node: describeRuntime().node,
    });
  });
writeFileSync(join(target, `${experiment}.jsonl`), `${lines.join('\n')}\n`);

for (const name of drawn) {
  const path = join(folder, name);
  const { problem, classes, layers } = JSON.parse(readFileSync(join(path, 'summary.json'), 'utf8'));
  const records = readFileSync(join(path, 'records.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const samples = problem.counts.reduce((/** @type {number} */ sum, /** @type {number} */ n) => sum + n, 0);
  const title = `${experiment}, M = ${problem.depth}, d = ${problem.widths[0]}`;
  const figure = runFigure(
    {
      title,
      classes,
      names: classes.map((/** @type {unknown} */ _, /** @type {number} */ k) => String(k)),
      records,
      samples,
      layers,
    },
    { document: createFigureDocument() },
  );
  writeFileSync(join(target, `${experiment}-M${problem.depth}.svg`), `${svgText(figure)}\n`);
}
