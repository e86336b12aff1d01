/**
 * Our side of the benchmarks: `node --expose-gc bench/side.js NAME JSON` does one piece of work in a fresh process, as the
 * Python peers do, and prints one JSON line. `run.js` starts it.
 */
import process from 'node:process';
import { calibrate } from './sides/calibrate.js';
import { curveCe, curveMeasure, curveNet, curvePredict, curveUfm } from './sides/curves.js';
import { lab } from './sides/lab.js';
import { measureProfile } from './sides/measure.js';
import { nets, netsProfile } from './sides/nets.js';
import { predict } from './sides/predict.js';
import { ufm, ufmProfile } from './sides/ufm.js';

const CURVES = { curveCe, curveMeasure, curveNet, curvePredict, curveUfm };
/** @type {Record<string, (options: any) => unknown>} */
const SIDES = { ...CURVES, calibrate, lab, measureProfile, nets, netsProfile, predict, ufm, ufmProfile };

const [name, options] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await SIDES[name](JSON.parse(options ?? '{}')))}\n`);
