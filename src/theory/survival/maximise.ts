/** The largest value of a function of one positive number: a grid in its logarithm, then golden sections around the best place. */

const GOLDEN = (Math.sqrt(5) - 1) / 2;

export interface Maximum {
  readonly at: number;
  readonly value: number;
}

export interface Grid {
  readonly from: number;
  readonly to: number;
  /** Places, ends included. */
  readonly points: number;
}

/** Golden sections end where the bracket is this narrow in the logarithm: a smooth maximum is then right to its square. */
const WIDTH = 1e-4;

/** Several maxima are told apart by the grid alone. */
export function maximiseLog(f: (x: number) => number, { from, to, points }: Grid): Maximum {
  const step = Math.log(to / from) / (points - 1);
  let best: Maximum = { at: from, value: -Infinity };
  for (let i = 0; i < points; i++) {
    const at = from * Math.exp(i * step);
    const value = f(at);
    if (value > best.value) best = { at, value };
  }
  return maximiseNear(f, best, step);
}

/** Between `best` divided and multiplied by e^step; never worse than `best`. */
export function maximiseNear(
  f: (x: number) => number,
  best: Maximum,
  step: number,
  width: number = WIDTH,
): Maximum {
  const g = (log: number): Maximum => ({ at: Math.exp(log), value: f(Math.exp(log)) });
  let [low, high] = [Math.log(best.at) - step, Math.log(best.at) + step];
  let [left, right] = [g(high - GOLDEN * (high - low)), g(low + GOLDEN * (high - low))];
  while (high - low > width) {
    if (left.value >= right.value) {
      high = Math.log(right.at);
      right = left;
      left = g(high - GOLDEN * (high - low));
    } else {
      low = Math.log(left.at);
      left = right;
      right = g(low + GOLDEN * (high - low));
    }
  }
  return [left, right].reduce((a, b) => (b.value > a.value ? b : a), best);
}
