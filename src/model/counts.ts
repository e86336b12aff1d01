/**
 * Class counts as people write them.
 *
 * `8,4,2,2` lists them; `5000x10` is ten classes of 5000; `longtail:5000:100:10` is the exponential profile
 * n_k = ⌊largest·ratio^(−k/(K−1))⌋ of the long-tailed benchmarks (largest, ratio largest/smallest, classes).
 * The forms may be mixed in one comma-separated list.
 */
import { refuse } from '../core/errors.js';
import { checkCounts } from './problem.js';

const MOST_CLASSES = 10_000_000;
const FORMS = 'write 200,100,50,50 or 5000x10 or longtail:5000:100:10';

/** Parses the text; throws an argument error for what is not a count. */
export function parseCounts(text: string, most = MOST_CLASSES): number[] {
  const counts: number[] = [];
  for (const part of text.split(',')) {
    const item = part.trim();
    const parsed = item.startsWith('longtail:') ? longTail(item, most) : repeated(item, most);
    if (counts.length + parsed.length > most)
      refuse('counts', `at most ${most} classes`, counts.length + parsed.length);
    for (const n of parsed) counts.push(n);
  }
  checkCounts(counts);
  return counts;
}

function repeated(item: string, most: number): number[] {
  const match = /^([+-]?[\d.eE+-]+)(?:[x×](\d+))?$/.exec(item);
  const n = Number(match?.[1] ?? NaN);
  const times = match?.[2] === undefined ? 1 : Number(match[2]);
  if (match === null || Number.isNaN(n)) refuse('counts', 'whole numbers of samples', item, FORMS);
  if (times < 1) refuse('counts', 'at least one class', item, FORMS);
  if (times > most) refuse('counts', `at most ${most} classes`, item);
  return new Array<number>(times).fill(n);
}

function longTail(item: string, most: number): number[] {
  const fields = item.split(':').slice(1);
  const [largest, ratio, classes] = fields.map((field) => (field.trim() === '' ? NaN : Number(field)));
  if (fields.length !== 3) refuse('counts', 'longtail:LARGEST:RATIO:CLASSES', item, FORMS);
  if (!Number.isSafeInteger(largest) || largest < 1)
    refuse('counts, longtail', 'a positive whole number for the largest class', fields[0]);
  if (!(ratio >= 1 && Number.isFinite(ratio)))
    refuse('counts, longtail', 'a ratio (largest over smallest) of at least 1', fields[1]);
  if (!Number.isSafeInteger(classes) || classes < 1 || classes > most)
    refuse('counts, longtail', `a whole number of classes from 1 to ${most}`, fields[2]);
  return Array.from({ length: classes }, (_, k) => {
    // The last class is largest/ratio by definition; the power may fall one rounding below a whole number.
    const exact = classes === 1 ? largest : largest * Math.pow(ratio, -k / (classes - 1));
    const nearest = Math.round(exact);
    return Math.abs(exact - nearest) <= 1e-9 * exact ? nearest : Math.floor(exact);
  });
}
