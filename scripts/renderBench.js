/**
 * The table of docs/benchmarks.md, rendered from bench/results/latest.json between two marks.
 *
 *   node scripts/renderBench.js [--check] [--document FILE] [--results FILE]
 *
 * --check changes nothing and exits 1 when the document is not what the results render to.
 */
import console from 'node:console';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { format } from 'prettier';

export const START = '<!-- bench:start -->';
export const END = '<!-- bench:end -->';
const CURVE_MARKS = ['<!-- curves:start -->', '<!-- curves:end -->'];

/** The table and the line below it, as Prettier would have them. @param {any} results @returns {Promise<string>} */
export async function renderTable(results) {
  const { machine, versions, blas, rows, date, commit, changed, threads, quick } = results;
  const names = /** @type {string[]} */ ([
    ...new Set(rows.flatMap(({ peer }) => (peer === null ? [] : [peer.name.split(' ')[0]]))),
  ]);
  const head = [
    'work',
    'collapsar',
    names.length === 0 ? 'peer' : names.join(' / '),
    'ratio (min – max)',
    'target',
    'reached',
    'what limits it',
  ];
  const lines = [head, head.map((_, i) => (i === 0 || i === 6 ? '---' : '---:')), ...rows.map(renderRow)];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const libraries = [
    `Node ${versions.node}`,
    `${blas.name}${threads === null ? '' : ` with ${threads} threads`}`,
    ...(versions.torch === undefined
      ? []
      : [`PyTorch ${versions.torch}${versions.torchBlas === undefined ? '' : ` (${versions.torchBlas})`}`]),
    ...(versions.numpy === undefined ? [] : [`NumPy ${versions.numpy}`]),
  ];
  const code = commitWords({ commit, changed });
  const later = rows
    .filter(({ run }) => run !== undefined)
    .map(
      ({ id, run }) => `${id} of ${run.date.slice(0, 10)}${commitWords(run)}, load ${loadWords(run.load)}`,
    );
  const again = later.length === 0 ? '' : ` Run again since: ${later.join('; ')}.`;
  const note =
    `${quick ? 'A quick run, not for comparing. ' : ''}${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryGiB)} GiB; ${libraries.join(', ')}; ` +
    `${date.slice(0, 10)}${code}. Medians over fresh processes, both sides in turn; a ratio is taken pair by pair. Load of the machine before and after the rows: ${loadWords(results.load)}.${again} Raw numbers: \`bench/results/latest.json\`; again: \`npm run bench\`.`;
  return (await format(`${table}\n\n${note}\n`, { parser: 'markdown', printWidth: 110 })).trimEnd();
}

/** @param {{commit: string | null, changed?: boolean}} run */
function commitWords({ commit, changed }) {
  return commit === null ? '' : `, commit ${commit}${changed === true ? ' with changes' : ''}`;
}

/** @param {readonly number[] | undefined} load */
function loadWords(load) {
  return (load ?? []).map((value) => value.toFixed(1)).join(', ');
}

/** A row a curve: its times, the exponent that they have, and that of theory. @param {any[]} curves @param {any} run where they come from @returns {Promise<string>} */
export async function renderCurveTable(curves, run) {
  const lines = [
    ['what', 'with', 'times', 'exponent (min – max)', 'in theory'],
    ['---', '---', '---', '---:', '---'],
    ...curves.map(({ name, work, variable, points, exponent, exponents, theory }) => [
      name,
      work,
      points
        .map((/** @type {any} */ { value, seconds }) => `${variable} = ${value}: ${duration(seconds)}`)
        .join(', '),
      `${exponent.toFixed(2)} (${Math.min(...exponents).toFixed(2)} – ${Math.max(...exponents).toFixed(2)})`,
      theory,
    ]),
  ];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  const { machine, date, versions, blas, quick, load, commit, changed, curveThreads } = run;
  const note =
    `${machine.cpu}, ${machine.cores} cores${curveThreads === 1 ? ', one thread' : ''}; Node ${versions.node}, ${blas.name}; ${date.slice(0, 10)}${commitWords({ commit: commit ?? null, changed })}, ` +
    `${quick ? 'one round' : 'three rounds'}, under a load of ${Math.max(...load).toFixed(0)}.`;
  return (await format(`${table}\n\n${note}\n`, { parser: 'markdown', printWidth: 110 })).trimEnd();
}

/** @param {number} seconds */
function duration(seconds) {
  if (seconds < 1e-3) return `${Number((seconds * 1e6).toPrecision(2))} µs`;
  return seconds < 1 ? `${Number((seconds * 1e3).toPrecision(2))} ms` : `${Number(seconds.toPrecision(2))} s`;
}

/** @param {any} row */
function renderRow(row) {
  const { work, ours, peer, peerMissing, ratio, target, limit } = row;
  return [
    work,
    ours === null ? '–' : renderTimes(ours, row.unit),
    peer === null
      ? `– (${peerMissing})`
      : `${renderTimes(peer, row.unit)}${peer.settings ? ` (${peer.settings})` : ''}`,
    ratio === null ? '–' : `${rounded(ratio.median)} × (${rounded(ratio.min)} – ${rounded(ratio.max)})`,
    renderTarget(target),
    isReached(row) ?? '–',
    limit,
  ];
}

/** @param {any} times @param {string} unit */
function renderTimes(times, unit) {
  if (times.series === undefined) return `${rounded(times.median)} ${unit}`;
  const list = times.series.map((/** @type {any} */ one) => (one === null ? '–' : rounded(one.median)));
  return `${list.join(' · ')} ${unit}`;
}

/** @param {any} target */
function renderTarget(target) {
  switch (target.kind) {
    case 'ratio':
      return [
        `≥ ${target.atLeast} ×`,
        ...(target.memoryMebibytes === undefined ? [] : [`< ${target.memoryMebibytes / 1024} GiB`]),
        ...(target.shareAtLeast === undefined ? [] : [`≥ ${100 * target.shareAtLeast} % of an axpy`]),
      ].join(', ');
    case 'flat':
      return `flat within ${Math.round((target.atMost - 1) * 100)} %`;
    case 'seconds':
      return `< ${target.atMost} s`;
    case 'lab':
      return `≥ ${rounded(target.stepsPerSecond)}, tasks < ${target.taskMs} ms`;
    default:
      throw new Error(`renderBench: unknown kind of target, got ${target.kind}`);
  }
}

/** `yes`, `no`, or null where there is nothing to compare. @param {any} row */
export function isReached({ ours, ratio, target, memory, share, tasks, checks }) {
  if (ours === null) return null;
  if (checks.some((/** @type {any} */ { held }) => !held)) return 'no (a check failed)';
  switch (target.kind) {
    case 'ratio': {
      if (ratio === null) return null;
      const small = target.memoryMebibytes === undefined || memory.peakMebibytes.max < target.memoryMebibytes;
      const close = target.shareAtLeast === undefined || share >= target.shareAtLeast;
      return ratio.median >= target.atLeast && small && close ? 'yes' : 'no';
    }
    case 'flat':
      return ratio.median <= target.atMost ? 'yes' : 'no';
    case 'seconds':
      return ours.median < target.atMost ? 'yes' : 'no';
    case 'lab':
      return ours.median >= target.stepsPerSecond && tasks.median < target.taskMs ? 'yes' : 'no';
    default:
      throw new Error(`renderBench: unknown kind of target, got ${target.kind}`);
  }
}

/** Three digits below 1000, whole thousands set apart above. @param {number} value */
function rounded(value) {
  if (value < 1000) return String(Number(value.toPrecision(3)));
  return String(Number(value.toPrecision(3))).replace(/\B(?=(\d{3})+$)/g, ' ');
}

/** The text with the table between its marks. @param {string} document @param {string} table */
export function insertTable(document, table, marks = [START, END]) {
  const [start, end] = marks.map((mark) => document.indexOf(mark));
  if (start < 0 || end < start)
    throw new Error(`renderBench: a document with ${marks[0]} and ${marks[1]}, got none`);
  return `${document.slice(0, start)}${marks[0]}\n\n${table}\n\n${document.slice(end)}`;
}

async function main() {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      document: { type: 'string', default: join(root, 'docs', 'benchmarks.md') },
      results: { type: 'string', default: join(root, 'bench', 'results', 'latest.json') },
    },
  });
  const before = readFileSync(values.document, 'utf8');
  const results = JSON.parse(readFileSync(values.results, 'utf8'));
  const withRows = insertTable(before, await renderTable(results));
  const curves = results.curves ?? null;
  const after =
    curves === null
      ? withRows
      : insertTable(withRows, await renderCurveTable(curves, results.curvesRun ?? results), CURVE_MARKS);
  if (curves !== null && !values.check) {
    const { drawCurves } = await import('./drawCurves.js');
    writeFileSync(join(root, 'docs', 'benchmark-curves.svg'), drawCurves(curves));
  }
  if (!values.check) writeFileSync(values.document, after);
  else if (before !== after) {
    console.error(
      'error: docs/benchmarks.md: the table of bench/results/latest.json, got another; run "node scripts/renderBench.js"',
    );
    process.exitCode = 1;
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
