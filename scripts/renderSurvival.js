/**
 * Estimates of survival under plain weight decay beside what trainings did: docs/survival-scans.md and its figures, from
 * docs/results/survival. The estimates of the first 29 scans are computed here; those of the others were written down before.
 *
 *   npm run build && node scripts/renderSurvival.js DIR        DIR: the folder of mnist, fashion-mnist and cifar-10
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { dot, line, plot, text } from '@observablehq/plot';
import { format } from 'prettier';
import { createFigureDocument, chooseBlas, openImageData } from '../dist/node.js';
import { PALETTE, survivalFigure, svgText } from '../dist/report/index.js';
import { estimatesFromCounts } from '../dist/theory/index.js';
import { adviseSurvival, inputsOfSet } from '../dist/verbs/index.js';

/** @typedef {(number | null)[]} Values */
/** @typedef {{ scan: string, about: string, counts: number[], counted: boolean, measured: Values, S: Values, E: Values | null, C: Values | null, global: Values | null, expectation?: string, spread?: number }} Scan */

const docs = join(dirname(dirname(fileURLToPath(import.meta.url))), 'docs');
const results = join(docs, 'results', 'survival');
const read = (/** @type {string} */ name) => JSON.parse(readFileSync(join(results, name), 'utf8')).scans;
const folder = process.argv[2];
const blas = chooseBlas();

/** @returns {Promise<Scan>} */
async function estimated(/** @type {any} */ scan) {
  const { train } = await openImageData(folder, scan.data);
  // One scan gave the counts to the classes from the last to the first.
  const reversed = scan.classOrder === 'last first';
  const turn = (/** @type {any[]} */ values) => (reversed ? [...values].reverse() : values);
  const problem = { layers: scan.weightLayers, loss: scan.loss, bias: scan.lastBias };
  const { classes } = await adviseSurvival({
    ...{ inputs: inputsOfSet(train, turn(scan.counts)), data: scan.data, problem, lossScale: 1 },
    ...{ training: null, weightDecay: null, blas },
  });
  const limits = turn(classes.map(({ largestDecay }) => largestDecay));
  const remarks = [
    ...(scan.batchNorm ? ['BatchNorm'] : []),
    ...(scan.relu ? [] : ['no ReLU']),
    ...(scan.initScale === 1 ? [] : [`start times ${scan.initScale}`]),
    ...(scan.init === 'ortho' ? [] : ['He start']),
    ...(reversed ? ['counts to the classes from the last on'] : []),
  ];
  return {
    scan: `${scan.scan}${scan.seed === 0 ? '' : `, seed ${scan.seed}`}`,
    about: [
      `${scan.data}, L = ${scan.weightLayers}, ${scan.loss === 'ce' ? 'cross-entropy' : 'squared error'}`,
      `${scan.lastBias === 'none' ? 'no last bias' : 'last bias'}, width ${scan.width}, rate ${scan.learningRate}, ${scan.epochs} epochs`,
      ...remarks,
    ].join(', '),
    counts: scan.counts,
    counted: scan.counted,
    measured: scan.measured,
    S: limits.map(({ estimate }) => estimate),
    E: limits.map(({ estimateE }) => estimateE),
    C: estimatesFromCounts({ ...problem, counts: scan.counts }),
    global: scan.estimateGlobal,
  };
}

/** @returns {Scan[]} */
function foretold() {
  const trained = read('own-scans.json');
  return read('predictions.json').flatMap(
    (/** @type {any} */ { scan, expectation, setting, predictedS, predictedE }) => {
      const run = trained.find((/** @type {any} */ one) => one.scan === scan);
      if (run === undefined) return [];
      return [
        {
          scan,
          about: `${{ both: 'fashion-mnist and mnist', three: 'fashion-mnist, mnist and grey cifar-10', gauss: 'Gaussian classes' }[/** @type {string} */ (setting.data)] ?? setting.data}, L = ${setting.L}, ${setting.loss === 'ce' ? 'cross-entropy' : 'squared error'}, ${setting.opt}, ${setting.epochs} epochs, ${run.trainings} trainings`,
          expectation,
          counts: setting.counts,
          counted: setting.arch === 'mlp' && setting.opt !== 'adamw' && scan !== 'augment' && scan !== 'k100',
          measured: run.measured,
          S: predictedS,
          E: predictedE,
          C: null,
          global: null,
        },
      ];
    },
  );
}

/** Geometric mean and deviation of measured over estimated, and the shares within factors. */
function scatter(/** @type {Scan[]} */ scans, /** @type {(scan: Scan) => Values | null} */ of) {
  const logs = scans.flatMap((scan) => {
    const estimates = of(scan);
    return scan.measured.flatMap((value, k) => {
      const estimate = estimates?.[k] ?? null;
      return value === null || estimate === null ? [] : [Math.log(value / estimate)];
    });
  });
  if (logs.length === 0) return ['0', '–', '–', '–', '–', '–'];
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const deviation = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / logs.length);
  const within = (/** @type {number} */ factor) =>
    `${Math.round((100 * logs.filter((x) => Math.abs(x) <= Math.log(factor)).length) / logs.length)} %`;
  return [
    String(logs.length),
    Math.exp(mean).toFixed(2),
    `× ${Math.exp(deviation).toFixed(2)}`,
    within(1.5),
    within(2),
    within(3),
  ];
}

const HEAD = ['thresholds', 'measured/estimate', 'scatter', 'within 1.5', 'within 2', 'within 3'];
const table = (/** @type {string[]} */ head, /** @type {string[][]} */ rows) =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const short = (/** @type {number | null} */ value) =>
  value === null ? '–' : String(Number(value.toPrecision(3)));

function section(/** @type {Scan} */ { scan, about, expectation, counts, counted, measured, S, E }) {
  const row = (/** @type {string} */ name, /** @type {Values} */ values) => [name, ...values.map(short)];
  const many = counts.length > 30;
  const pick = (/** @type {Values} */ values) => (many ? values.filter((_, k) => k % 10 === 9) : values);
  return [
    `### ${scan}`,
    '',
    `${about}${counted ? '' : ' (not counted)'}.${expectation === undefined ? '' : ` Written down: ${expectation}`}${many ? ' Every tenth class.' : ''}`,
    '',
    table(
      ['n', ...pick(counts).map(String)],
      [
        row('measured', pick(measured)),
        row('from means', pick(S)),
        ...(E === null ? [] : [row('second moments', pick(E))]),
      ],
    ),
    '',
  ].join('\n');
}

/** One class against the rest, and all samples in each step, beside the ten classes together. */
function rarest() {
  const together = read('first-scans.json').find((/** @type {any} */ { scan }) => scan === 'relu_base');
  return read('rarest.json').flatMap((/** @type {any} */ { scan, setting, predictedE, measured }) => {
    const classes = setting.against === undefined ? [7, 8, 9] : [setting.against];
    return classes.map((/** @type {number} */ k) => {
      const at = setting.against === undefined ? k : 0;
      const ratio = measured[at] === null ? '–' : (measured[at] / predictedE[at]).toFixed(2);
      return [scan, setting.counts[k], predictedE[at], measured[at], ratio, together.measured[k]].map(String);
    });
  });
}

const first = [];
for (const scan of read('first-scans.json')) first.push(await estimated(scan));
const own = foretold();
const [counted, left] = [first.filter((scan) => scan.counted), first.filter((scan) => !scan.counted)];
const [ownCounted, ownLeft] = [own.filter((scan) => scan.counted), own.filter((scan) => !scan.counted)];

const page = `# Survival under plain weight decay: every scan

[survival.md](survival.md) tells what this is about. A scan trains one network at weight decays a factor 1.5 apart; a
class's **measured** threshold is the decay at which its training accuracy crosses one half, interpolated in the logarithm; a
dash is a class that is learned at all of them, or at none. Numbers are in \`docs/results/survival\`; \`scripts/renderSurvival.js\`
computes the estimates of the first 29 anew, those of the others were written down before the trainings
(\`predictions.json\`, in the history of this repository before \`own-scans.json\`).

${table(
  ['', ...HEAD],
  [
    ['**29 scans, the counted**: from means', ...scatter(counted, ({ S }) => S)],
    ['second moments, existence', ...scatter(counted, ({ E }) => E)],
    ['second moments, global minimum', ...scatter(counted, ({ global }) => global)],
    ['counts alone', ...scatter(counted, ({ C }) => C)],
    ['not counted: from means', ...scatter(left, ({ S }) => S)],
    ['**our scans, the counted**: from means', ...scatter(ownCounted, ({ S }) => S)],
    ['second moments, existence', ...scatter(ownCounted, ({ E }) => E)],
    ['not counted: from means', ...scatter(ownLeft, ({ S }) => S)],
  ],
)}

![Measured against estimated](survival-scans.svg)

## Our scans, foretold

${table(
  ['scan', ...HEAD, 'second moments: within 2'],
  own.map((scan) => [
    `[${scan.scan}](#${scan.scan})${scan.counted ? '' : ' *'}`,
    ...scatter([scan], ({ S }) => S),
    scatter([scan], ({ E }) => E)[4],
  ]),
)}

\\* not counted: what the estimates do not hold for.

${own.map(section).join('\n')}
## The rarest, one cause at a time

Trainings of \`rarest.json\`, written down before they were run: the setting of relu_base below, with one class against all the
others (one logit), and with all samples in each step. Second moments are those of the row's own problem: of two classes for
\`alone\`, of ten for \`full_batch\`. Single trainings, seed 0. A dash: lost at all decays of the grid, or none in a row.

${table(
  ['scan', 'n', 'second moments', 'measured', 'measured/moments', 'ten classes together'],
  rarest().map((cells) => cells.map((cell) => (cell === 'null' ? '–' : cell))),
)}

## The first 29

${first.map(section).join('\n')}`;
const options = { parser: 'markdown', printWidth: 120, proseWrap: /** @type {const} */ ('always') };
writeFileSync(join(docs, 'survival-scans.md'), await format(page, options));

/** Measured against estimated, with lines at one, one half and two. */
function drawing() {
  const groups = [
    { name: '29 scans', color: PALETTE.blue.light, symbol: /** @type {const} */ ('circle'), scans: counted },
    {
      name: 'ours, foretold',
      color: PALETTE.good.light,
      symbol: /** @type {const} */ ('triangle'),
      scans: ownCounted,
    },
    {
      name: 'not counted',
      color: PALETTE.bad.light,
      symbol: /** @type {const} */ ('times'),
      scans: [...left, ...ownLeft],
    },
  ];
  const points = groups.flatMap(({ scans, ...look }) =>
    scans.flatMap(({ S, measured }) =>
      measured.flatMap((value, k) =>
        value === null || S[k] === null ? [] : [{ ...look, x: S[k], y: value }],
      ),
    ),
  );
  const ends = [0.003, 2];
  const at = (/** @type {number} */ factor) => ends.map((x) => ({ x, y: x * factor }));
  const ink = PALETTE.quiet.light;
  const svg = plot({
    document: /** @type {any} */ (createFigureDocument()),
    ...{ width: 560, height: 520, marginLeft: 62, marginBottom: 44 },
    style: { background: '#ffffff', color: PALETTE.ink.light, fontFamily: 'sans-serif', fontSize: '12px' },
    x: {
      type: 'log',
      domain: ends,
      label: 'estimated from class means',
      grid: true,
      tickFormat: String,
      ticks: 5,
    },
    y: {
      type: 'log',
      domain: ends,
      label: 'largest weight decay at which training learned the class',
      grid: true,
      tickFormat: String,
      ticks: 5,
    },
    marks: [
      line(at(1), { x: 'x', y: 'y', stroke: ink, clip: true }),
      ...[0.5, 2].map((factor) =>
        line(at(factor), { x: 'x', y: 'y', stroke: ink, strokeDasharray: '4 4', clip: true }),
      ),
      dot(points, { x: 'x', y: 'y', r: 3, stroke: 'color', symbol: 'symbol', clip: true }),
      dot(
        groups.map((group, i) => ({ ...group, y: 1.6 / 1.35 ** i })),
        { x: () => 0.0036, y: 'y', r: 3.5, stroke: 'color', symbol: 'symbol' },
      ),
      text(
        groups.map((group, i) => ({ ...group, y: 1.6 / 1.35 ** i })),
        { x: () => 0.0041, y: 'y', text: 'name', textAnchor: 'start', fill: PALETTE.ink.light },
      ),
    ],
  });
  const markup = String(/** @type {any} */ (svg).outerHTML);
  return markup.includes('xmlns=')
    ? markup
    : markup.replace('<svg', '<svg xmlns="http://www.w3.org/2000/svg"');
}
writeFileSync(join(docs, 'survival-scans.svg'), `${drawing()}\n`);

/** One scan as \`advise\` draws it, with what training did. */
const scanA = first[0];
const names = (await openImageData(folder, 'fashion-mnist')).train.classNames;
const figure = survivalFigure(
  {
    weightDecay: null,
    classes: scanA.counts.map((count, k) => ({
      ...{ name: names[k], count, atDecay: null, measured: scanA.measured[k] },
      largestDecay: {
        estimate: scanA.S[k],
        low: (scanA.S[k] ?? NaN) / 2,
        high: (scanA.S[k] ?? NaN) * 2,
        estimateE: scanA.E?.[k] ?? null,
      },
    })),
  },
  { document: createFigureDocument(), title: 'Fashion-MNIST, long tail, five layers: estimated and trained' },
);
writeFileSync(join(docs, 'survival-classes.svg'), `${svgText(figure)}\n`);
