/** The lab in Chromium: steps a second beside the page, and the page's own tasks. There is no peer. */
import { existsSync } from 'node:fs';
import { side } from '../processes.js';
import { median, spread } from '../stats.js';
import { digits } from './ufm.js';

/** @typedef {import('../run.js').Context} Context */
/** @typedef {import('../run.js').Row} Row */

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** @param {Context} context @returns {Promise<Row>} */
export async function labInChromium(context) {
  const executable = CHROMIUM.find((path) => existsSync(path));
  const row = {
    id: 'lab',
    work: 'UFM step in Chromium, d = 64, M = 3 (the lab)',
    unit: 'steps/s',
    peer: null,
    peerMissing: 'no peer does this',
    ratio: null,
    target: { kind: /** @type {const} */ ('lab'), stepsPerSecond: 3000, taskMs: 8 },
  };
  if (executable === undefined)
    return { ...row, ours: null, checks: [], settings: {}, runs: {}, limit: `no Chromium at ${CHROMIUM[0]}` };
  const settings = { executable, windows: context.quick ? 6 : 20 };
  const runs = [];
  for (let i = 0; i < context.pairs(5); i++) runs.push(await side('lab', settings));
  const p95 = spread(runs.map((run) => run.p95));
  const busy = median(runs.map((run) => run.busyShare));
  return {
    ...row,
    ours: spread(runs.map((run) => median(run.rates))),
    tasks: p95,
    checks: runs.flatMap(({ checks }) => checks),
    settings,
    runs: { ours: runs },
    limit:
      `the page is at work ${digits(100 * busy)} % of the time, 95 % of its tasks under ${digits(p95.median)} ms ` +
      `(${digits(p95.min)} – ${digits(p95.max)}); a slider moved over 20 classes waits ${digits(median(runs.map((run) => run.sliderMs)))} ms`,
  };
}
