/**
 * Evidence from a run folder: `node scripts/collectResult.js RUN NAME COMMIT COMMAND REMARK` writes docs/results/NAME.json with
 * the summary (without Gram matrices), the machine and why theory and measurement part, and its figure, NAME.svg.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { createFigureDocument } from '../dist/node.js';
import { runFigure, svgText } from '../dist/report/index.js';
import { describeMachine, describeRuntime } from './machine.js';

const [folder, name, commit, command, remark] = process.argv.slice(2);
const target = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs', 'results');
const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
// Gram matrices are large, and the norms and distances say what is needed.
delete summary.geometry;
const records = readFileSync(join(folder, 'records.jsonl'), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const names = summary.network.data.classNames;
const samples = summary.problem.counts.reduce(
  (/** @type {number} */ sum, /** @type {number} */ n) => sum + n,
  0,
);
const figure = runFigure(
  { title: name, classes: summary.classes, names, records, samples, layers: summary.network.layers },
  { document: createFigureDocument() },
);
const { node } = describeRuntime();
const result = {
  name,
  command,
  commit,
  date: new Date().toISOString().slice(0, 10),
  machine: describeMachine(),
  node,
  remark,
  summary: { ...summary, command },
};
writeFileSync(join(target, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
writeFileSync(join(target, `${name}.svg`), `${svgText(figure)}\n`);
