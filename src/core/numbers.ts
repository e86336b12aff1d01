/** Numbers in words: one rule for tables, sentences and figures. What does not exist is an en dash, never NaN. */

export const NOTHING = '–';

type Maybe = number | null | undefined;

/** `digits` significant digits, without trailing zeros; with an exponent from 10⁶ on and below 10⁻³. */
export function number(value: Maybe, digits = 4): string {
  if (value === null || value === undefined) return NOTHING;
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3) return value.toExponential(digits - 1).replace(/\.?0*e\+?/, 'e');
  return String(Number(value.toPrecision(digits)));
}

/** A whole number with its thousands apart: 200 000. */
export function whole(value: number): string {
  return value < 10000 ? String(value) : value.toLocaleString('en').replaceAll(',', ' ');
}

/** A part of one to `digits` significant digits: 0.0213 is "2.1 %". */
export function percent(part: Maybe, digits = 2): string {
  return part === null || part === undefined ? NOTHING : `${number(100 * part, digits)} %`;
}

/** A share of samples to `decimals` decimals: 0.9534 is "95.34 %". */
export function share(value: Maybe, decimals = 2): string {
  return value === null || value === undefined ? NOTHING : `${(100 * value).toFixed(decimals)} %`;
}

/** An angle: 12.34 is "12.3°". */
export function degrees(value: Maybe): string {
  return value === null || value === undefined ? NOTHING : `${value.toFixed(1)}°`;
}
