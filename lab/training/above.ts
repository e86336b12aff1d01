/** How far an objective lies above the predicted minimum, as one says it: 3.6 %, 47 × F*. */
import { formatCount, formatNumber } from 'collapsar/report';

/** Nearer than this is rounding, and reads as 0. */
const SAME = 1e-9;
/** From here on a multiple says more than a percentage. */
const MANY_TIMES = 10;

/** Null for what is not known. */
export function aboveText(objective: number | null, minimum: number | null): string {
  if (objective === null || minimum === null || !Number.isFinite(objective) || !(minimum > 0)) return '–';
  const share = (objective - minimum) / minimum;
  const size = Math.abs(share);
  if (size < SAME) return '0';
  const sign = share < 0 ? '−' : '';
  if (size > MANY_TIMES)
    return `${sign}${size < 1e6 ? formatCount(Number(size.toPrecision(2))) : formatNumber(size, 2)} × F*`;
  const percent = 100 * size;
  return `${sign}${percent < 1e-3 ? percent.toExponential(1) : Number(percent.toPrecision(2))} %`;
}
