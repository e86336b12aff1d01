/** The few numbers a table needs of repeated samples. */

/** @param {readonly number[]} values at least one */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {readonly number[]} values at least one */
export function spread(values) {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values), samples: [...values] };
}

/** |a − b| relative to the larger of the two. @param {number} a @param {number} b */
export function relativeDifference(a, b) {
  return a === b ? 0 : Math.abs(a - b) / Math.max(Math.abs(a), Math.abs(b));
}

/** A check that a benchmark makes of what it timed. @param {string} what @param {boolean} held @param {object} numbers */
export function check(what, held, numbers) {
  return { what, held, ...numbers };
}
