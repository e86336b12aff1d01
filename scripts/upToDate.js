/**
 * Runs the steps of a build that have something to do, and no others: whether by the contents of what a step reads and of what it wrote,
 * which a stamp keeps from one build to the next. Times of files are not asked: a checkout, a copy or a clock that was set changes them.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Runs each step whose inputs are not those of its last run, or whose outputs are not what that run left. Later steps see what
 * earlier ones wrote. An output of an earlier run that is none any more is removed.
 *
 * A step that fails ends the build with its exception, and runs again the next time.
 *
 * @param {string} root @param {string} stampFile relative to `root`
 * @param {readonly import('./upToDate.js').Step[]} steps
 * @returns {Promise<string[]>} names of the steps that ran
 */
export async function bringUpToDate(root, stampFile, steps) {
  const place = join(root, stampFile);
  const stamp = readStamp(place);
  const ran = [];
  for (const step of steps) {
    const last = stamp[step.name];
    const inputs = digestOf(hashesOf(root, step.inputs()));
    const intact = last !== undefined && same(last.outputs, hashesOf(root, step.outputs()));
    if (intact && last.inputs === inputs) continue;
    ran.push(step.name);
    // What is interrupted or fails has no inputs: it runs again.
    let done = null;
    try {
      await step.run({ afresh: !intact });
      done = inputs;
    } finally {
      const outputs = hashesOf(root, step.outputs());
      for (const [path, content] of Object.entries(last?.outputs ?? {}))
        if (content !== null && !Object.hasOwn(outputs, path)) rmSync(join(root, path), { force: true });
      stamp[step.name] = { inputs: done, outputs };
      writeStamp(place, stamp);
    }
  }
  return ran;
}

/** Files below a path, or the path itself where it is a file or is not there. @param {string} root @param {string} path */
export function filesBelow(root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return [path];
  return readdirSync(join(root, path), { withFileTypes: true }).flatMap(({ name }) =>
    filesBelow(root, `${path}/${name}`),
  );
}

/** Contents by path; a file that is not there has none. @param {string} root @param {readonly string[]} paths */
function hashesOf(root, paths) {
  /** @type {Record<string, string | null>} */
  const hashes = {};
  for (const path of paths.flatMap((given) => filesBelow(root, given)).sort()) {
    const content = contentOf(join(root, path));
    hashes[path] = content === null ? null : createHash('sha256').update(content).digest('base64');
  }
  return hashes;
}

/** @param {string} path */
function contentOf(path) {
  try {
    return readFileSync(path);
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw error;
  }
}

/** @param {object} hashes */
function digestOf(hashes) {
  return createHash('sha256').update(JSON.stringify(hashes)).digest('base64');
}

/** Whether nothing was changed, and nothing is missing that was there or should be. @param {object} before @param {object} now */
function same(before, now) {
  return !Object.values(now).includes(null) && JSON.stringify(before) === JSON.stringify(now);
}

/** @param {string} place @returns {Record<string, import('./upToDate.js').Ran>} */
function readStamp(place) {
  try {
    return JSON.parse(readFileSync(place, 'utf8'));
  } catch {
    // None yet, or none that can be read: everything is built.
    return {};
  }
}

/** @param {string} place @param {object} stamp */
function writeStamp(place, stamp) {
  mkdirSync(dirname(place), { recursive: true });
  const making = `${place}.${process.pid}`;
  writeFileSync(making, JSON.stringify(stamp));
  renameSync(making, place);
}
