/** Top-5 accuracy: of how many samples the class is among the five that the classifier puts first. */

const PLACES = 5;

/** Whether the measure says anything: of five outputs or fewer every sample is right. */
export function hasTopFive(outputs: number): boolean {
  return outputs > PLACES;
}

/**
 * Whether fewer than five of the outputs come before output y: those that are larger, and of equal ones the lower ones, as
 * for the largest itself. An output that is not a number comes before all others, and is right itself nowhere.
 */
export function isAmongTopFive(scores: ArrayLike<number>, y: number): boolean {
  let before = 0;
  for (let k = 0; k < scores.length && before < PLACES; k++) {
    if (k !== y && !(scores[k] < scores[y] || (scores[k] === scores[y] && k > y))) before++;
  }
  return before < PLACES && !Number.isNaN(scores[y]);
}
