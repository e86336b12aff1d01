/**
 * At which steps a training is measured: every one of the first ten, then twenty in each power of ten, whatever a step
 * takes. A collapse takes as long again as all before it, so equal factors show it at one pace.
 */
const A_DECADE = 20;

export function isMeasured(step: number): boolean {
  if (step <= 10) return step >= 0;
  // The scheduled steps are ⌊10^(i/20)⌋: one lies in (step − 1, step] if the next larger power floors to it.
  const i = Math.ceil(A_DECADE * Math.log10(step) - 1e-9);
  return Math.floor(10 ** (i / A_DECADE) + 1e-9) === step;
}

/**
 * The steps that are due this many seconds after a training set out, for an eye that watches: few at first, then ever more,
 * so that on a logarithmic scale it moves at one speed.
 */
export function stepsDue(seconds: number): number {
  return Math.floor((FIRST_A_SECOND / GROWTH) * Math.expm1(GROWTH * seconds));
}

const FIRST_A_SECOND = 10;
/** Of the pace, in a second. */
const GROWTH = 0.48;
