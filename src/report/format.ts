/** Numbers and lists on the page of a run, of values that a file may have damaged. What does not exist is an en dash. */
import { NOTHING, number, share } from '../core/numbers.js';
import type { Maybe } from '../runs/records.js';

export { NOTHING };

/** The number if it is one and finite, else null: files may hold anything. */
export function finite(value: unknown): Maybe {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** To `digits` significant digits, or whole where it is; with an exponent where it is very large or small. */
export function formatNumber(value: unknown, digits = 4): string {
  const x = finite(value);
  if (x === null) return NOTHING;
  return Number.isInteger(x) && Math.abs(x) < 10 ** Math.max(digits, 6) ? String(x) : number(x, digits);
}

/** The value as given, all its digits, as in `5e-4`. */
export function formatExact(value: unknown): string {
  const x = finite(value);
  if (x === null) return NOTHING;
  const plain = String(x);
  const [mantissa, exponent] = x.toExponential().split('e');
  const scientific = `${mantissa}e${Number(exponent)}`;
  return scientific.length < plain.length ? scientific : plain;
}

/** A share as 78.3 %. */
export function formatPercent(value: unknown): string {
  return share(finite(value), 1).replace('.0 ', ' ').replace(' ', '\u00a0');
}

/** Groups of three digits with thin spaces: 30 000. */
export function formatCount(value: unknown): string {
  const x = finite(value);
  if (x === null) return NOTHING;
  if (!Number.isInteger(x) || Math.abs(x) >= 1e15) return formatNumber(x);
  return String(x).replace(/\B(?=(\d{3})+$)/g, '\u202f');
}

/** A count on an axis: 500, 10k, 2.5M. */
export function formatSteps(value: number): string {
  for (const [unit, letter] of [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ] as const)
    if (value >= unit) return `${Number((value / unit).toPrecision(3))}${letter}`;
  return String(value);
}

/** 10⁻³, or 10 and 1 where that is shorter. */
export function formatPower(exponent: number): string {
  if (exponent === 0) return '1';
  return exponent === 1 ? '10' : `10${superscript(exponent)}`;
}

/** A number on an axis or a scale: 0.05, 20, 3·10⁻⁷. */
export function formatTick(value: number): string {
  const x = Number(value.toPrecision(6));
  if (x === 0) return '0';
  const size = Math.abs(x);
  if (size >= 1e-3 && size < 1e5) return String(x).replace('-', '−');
  const [mantissa, exponent] = Number(x.toPrecision(3)).toExponential().split('e');
  const power = formatPower(Number(exponent));
  if (mantissa === '1') return power;
  return mantissa === '-1' ? `−${power}` : `${mantissa.replace('-', '−')}·${power}`;
}

/** Seconds as 0.8 s, 42 s, 3 min 5 s, 2 h 10 min. */
export function formatSeconds(value: unknown): string {
  const s = finite(value);
  if (s === null) return NOTHING;
  if (s < 60) return `${s < 10 ? Number(s.toPrecision(2)) : Math.round(s)} s`;
  const whole = Math.round(s);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${formatCount(Math.floor(whole / 3600))} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** Equal neighbours together: `200, 100, 50 × 2`; of long lists the ends. `separator` stands between value and number. */
export function formatRuns(values: readonly unknown[], show: (value: unknown) => string, most = 8): string {
  const runs: { text: string; length: number }[] = [];
  for (const value of values) {
    const text = show(value);
    const last = runs.at(-1);
    if (last?.text === text) last.length++;
    else runs.push({ text, length: 1 });
  }
  const texts = runs.map(({ text, length }) => (length === 1 ? text : `${text}\u00a0×\u00a0${length}`));
  return texts.length <= most
    ? texts.join(', ')
    : `${texts.slice(0, most - 2).join(', ')}, …, ${texts.at(-1)}`;
}

/** Whole numbers as ranges: `1–3, 7`. */
export function formatRanges(numbers: readonly number[]): string {
  const parts: string[] = [];
  const sorted = [...numbers].sort((a, b) => a - b);
  for (let i = 0; i < sorted.length;) {
    let j = i;
    while (j + 1 < sorted.length && sorted[j + 1] === sorted[j] + 1) j++;
    parts.push(j === i ? String(sorted[i]) : `${sorted[i]}${j === i + 1 ? ', ' : '–'}${sorted[j]}`);
    i = j + 1;
  }
  return parts.join(', ');
}

function superscript(exponent: number): string {
  return String(exponent).replace(/./g, (c) => (c === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(c)]));
}
