/** The cost curves of bench/results/latest.json as small pictures on logarithmic axes: docs/benchmark-curves.svg. */
const [WIDTH, HEIGHT, COLUMNS] = [250, 190, 3];
const INNER = { left: 46, right: 14, top: 34, bottom: 30 };

/** @param {any[]} curves */
export function drawCurves(curves) {
  const rows = Math.ceil(curves.length / COLUMNS);
  const [width, height] = [WIDTH * COLUMNS, HEIGHT * rows];
  const parts = curves.map(
    (curve, i) =>
      `<g transform="translate(${WIDTH * (i % COLUMNS)} ${HEIGHT * Math.floor(i / COLUMNS)})">${panel(curve)}</g>`,
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `font-family="system-ui, sans-serif" font-size="10" role="img" aria-label="Time against size, on logarithmic axes">` +
    `<rect width="100%" height="100%" fill="#fff"/>${parts.join('')}</svg>\n`
  );
}

/** @param {any} curve */
function panel({ name, points, exponent }) {
  const values = points.map((/** @type {any} */ point) => point.value);
  const seconds = points.map((/** @type {any} */ point) => point.seconds);
  const x = scale(values, INNER.left, WIDTH - INNER.right);
  // At least two decades, so that noise of a flat curve does not look like a slope.
  const middle = Math.sqrt(Math.min(...seconds) * Math.max(...seconds));
  const y = scale([...seconds, middle / 10, middle * 10], HEIGHT - INNER.bottom, INNER.top);
  const path = points.map((/** @type {any} */ point) => `${x(point.value)},${y(point.seconds)}`).join(' ');
  const dots = points.map(
    (/** @type {any} */ point) =>
      `<circle cx="${x(point.value)}" cy="${y(point.seconds)}" r="2.5" fill="#1f5fbf"/>`,
  );
  const xTicks = values.map(
    (/** @type {number} */ value) =>
      `<text x="${x(value)}" y="${HEIGHT - INNER.bottom + 14}" text-anchor="middle" fill="#444">${short(value)}</text>`,
  );
  const low = Math.min(...seconds, middle / 10);
  const high = Math.max(...seconds, middle * 10);
  const yTicks = [];
  for (let power = Math.ceil(Math.log10(low)); power <= Math.floor(Math.log10(high)); power++)
    yTicks.push(
      `<line x1="${INNER.left}" x2="${WIDTH - INNER.right}" y1="${y(10 ** power)}" y2="${y(10 ** power)}" stroke="#ddd"/>` +
        `<text x="${INNER.left - 4}" y="${y(10 ** power) + 3}" text-anchor="end" fill="#444">${time(power)}</text>`,
    );
  return (
    `<text x="${INNER.left}" y="14" font-weight="600" fill="#111">${name}</text>` +
    `<text x="${INNER.left}" y="27" fill="#444">exponent ${exponent.toFixed(2)}</text>` +
    `${yTicks.join('')}${xTicks.join('')}<polyline points="${path}" fill="none" stroke="#1f5fbf" stroke-width="1.5"/>${dots.join('')}`
  );
}

/** A logarithmic scale from the range of values to [from, to]. @param {readonly number[]} values @param {number} from @param {number} to */
function scale(values, from, to) {
  const [low, high] = [Math.log(Math.min(...values)), Math.log(Math.max(...values))];
  return (/** @type {number} */ value) =>
    Number((from + ((to - from) * (Math.log(value) - low)) / (high - low)).toFixed(1));
}

/** @param {number} value */
function short(value) {
  return value >= 10_000 ? `${value / 1000}k` : String(value);
}

/** A power of ten of seconds. @param {number} power */
function time(power) {
  if (power >= 0) return `${10 ** power} s`;
  return power >= -3
    ? `${Math.round(10 ** (power + 3))} ms`
    : `${Number((10 ** (power + 6)).toPrecision(1))} µs`;
}
