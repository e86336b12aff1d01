/**
 * What becomes of the classes, in a sentence.
 *
 * Where modes mix classes (a free bias, unequal counts) a class whose main mode is zero may still have a row and a mean: what is
 * left it shares with other classes, and nothing tells them apart.
 */
import type { ClassComparison } from 'collapsar/runs';
import { zeroClasses, type ClassPrediction } from 'collapsar/theory';
import { regimeOf, type RegimeLook } from './regime.js';

/** Signs and words of each class, with what they mean for this one. */
export function looksOf(classes: readonly ClassPrediction[]): readonly RegimeLook[] {
  const zero = zeroClasses(classes);
  return classes.map((row, k) => {
    const look = regimeOf(row);
    return look.look === 'alive' || zero[k] ? look : (MERGED.get(look.word) ?? look);
  });
}

const MERGED: ReadonlyMap<string, RegimeLook> = new Map(
  (['metastable', 'lost', 'cut'] as const).map((regime) => {
    const look = regimeOf({ regime, fit: 0 });
    const meaning = 'the direction that sets it apart is zero; what is left it shares with other classes';
    return [look.word, { ...look, meaning }];
  }),
);

export function fateOf(classes: readonly ClassPrediction[]): string {
  const zero = zeroClasses(classes);
  const looks = looksOf(classes);
  const K = classes.length;
  const listed = (test: (k: number) => boolean) => classes.flatMap((_, k) => (test(k) ? [k] : []));
  const dead = listed((k) => looks[k].look !== 'alive' && zero[k]);
  const merged = listed((k) => looks[k].look !== 'alive' && !zero[k]);
  const atRisk = listed((k) => looks[k].look === 'risk');
  if (dead.length + merged.length === 0)
    return K === 2 ? 'Both classes are alive.' : `All ${K} classes are alive.`;
  const parts: string[] = [];
  if (dead.length > 0)
    parts.push(
      `${named(dead, K)} ${dead.length === 1 || dead.length === K ? 'is' : 'are'} zero at the minimum`,
    );
  if (merged.length === 1)
    parts.push(`${named(merged, K)} has lost what sets it apart: the rest it shares with other classes`);
  if (merged.length > 1) parts.push(`${named(merged, K)} can no longer be told apart`);
  const risk = atRisk.length > 0 ? ` (${atRisk.length} of them metastable)` : '';
  const sentence = `${parts.join('; ')}${risk}.`;
  return sentence[0].toUpperCase() + sentence.slice(1);
}

/** Which classes a training that has ended lost, though they live at the minimum; null where there are none. */
export function strandedOf(classes: readonly ClassComparison[]): string | null {
  const lost = classes.flatMap(({ regime, measured }, k) =>
    regime === 'alive' && measured === 'lost' ? [k] : [],
  );
  if (lost.length === 0) return null;
  const [live, them] = lost.length === 1 ? ['lives', 'it'] : ['live', 'them'];
  return `This training has lost ${named(lost, classes.length)}, though ${lost.length === 1 ? 'it' : 'they'} ${live} at the minimum: they had come too close to zero, which holds ${them}.`;
}

/** Up to four by number. */
function named(list: readonly number[], K: number): string {
  if (list.length === K) return 'every class';
  if (list.length === 1) return `class ${list[0]}`;
  if (list.length > 4) return `${list.length} of ${K} classes`;
  return `classes ${list.slice(0, -1).join(', ')} and ${list[list.length - 1]}`;
}
