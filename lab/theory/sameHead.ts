/** Whether the weights of one problem's head fit another's. */
import type { Problem } from 'collapsar/model';

/** As many classes, layers and numbers in each. */
export function sameHead(a: Problem, b: Problem): boolean {
  return a.counts.length === b.counts.length && a.widths.join() === b.widths.join();
}
