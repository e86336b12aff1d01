/**
 * Shapes of JSON that is read back. A shape takes a value and gives it typed, with the keys it knows and no others, or throws
 * what is wrong with it in words: "nc1.pinv is true, no finite number and not null".
 *
 * What comes from a file may be anything: lists nested without end, numbers beyond any double, texts that move the cursor of
 * a terminal. All of that is refused here, so that nothing behind has to look again.
 */

/** A value that has not the shape; `what` says so in words that fit behind "found there". */
export class Misshapen extends Error {
  constructor(readonly what: string) {
    super(what);
  }
}

/** Gives the value as a `T`, or throws `Misshapen`. `name` is what the value is called in words. */
export type Shape<T> = (value: unknown, name: string) => T;

type Typed<S> = S extends Shape<infer T> ? T : never;
type Shapes = Readonly<Record<string, Shape<unknown>>>;

/** Our own files are nested five deep. */
const DEEPEST = 12;

/** The value that a text of JSON stands for. Throws `Misshapen` for other texts and for nesting without end. */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Misshapen('no whole JSON object');
  }
  if (isDeeperThan(DEEPEST, value)) throw new Misshapen(`lists or objects nested more than ${DEEPEST} deep`);
  return value;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((part) => isDeeperThan(levels - 1, part));
}

export const finite: Shape<number> = (value, name) =>
  typeof value === 'number' && Number.isFinite(value) ? value : wrong(value, name, 'no finite number');

/** A finite number or null. */
export const maybe: Shape<number | null> = (value, name) =>
  value === null || (typeof value === 'number' && Number.isFinite(value))
    ? value
    : wrong(value, name, 'no finite number and not null');

/** The same; null too where it is left out, as by versions that did not know it. */
export const measure: Shape<number | null> = (value, name) =>
  value === undefined ? null : maybe(value, name);

export const whole: Shape<number> = (value, name) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : wrong(value, name, 'no whole number from 0');

export const integer: Shape<number> = (value, name) =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : wrong(value, name, 'no whole number');

export const positiveWhole: Shape<number> = (value, name) =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0
    ? value
    : wrong(value, name, 'no whole number from 1');

export const flag: Shape<boolean> = (value, name) =>
  typeof value === 'boolean' ? value : wrong(value, name, 'neither true nor false');

/** Longer than any text this program writes. */
const LONGEST = 100_000;

/** Characters that move a cursor, ring, or turn the direction of writing. */
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]+/g;

/** The text with a space for what cannot be printed. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, ' ');
}

/** A text that can be printed. */
export const text: Shape<string> = (value, name) => {
  if (typeof value !== 'string') return wrong(value, name, 'no text');
  if (value.length > LONGEST) throw new Misshapen(`${name} is a text of ${value.length} characters`);
  if (printable(value) !== value) throw new Misshapen(`${name} has characters that cannot be printed`);
  return value;
};

export function oneOf<const T extends string>(choices: readonly T[]): Shape<T> {
  return (value, name) =>
    choices.find((choice) => choice === value) ?? wrong(value, name, `not ${choices.join(', ')}`);
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, name) => (value === null ? null : shape(value, name));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (value, name) =>
    Array.isArray(value)
      ? value.map((item, i) => shape(item, `${name}.${i}`))
      : wrong(value, name, 'no list');
}

/** A list of two. */
export function pair<T>(shape: Shape<T>): Shape<readonly [T, T]> {
  const items = list(shape);
  return (value, name) => {
    const [first, second, ...more] = items(value, name);
    if (more.length > 0) throw new Misshapen(`${name} has ${more.length + 2} items, not 2`);
    return [shape(first, `${name}.0`), shape(second, `${name}.1`)];
  };
}

/** An object under keys of its own choosing. */
export function table<T>(shape: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return (value, name) =>
    Object.fromEntries(
      Object.entries(objectOf(value, name)).map(([key, item]) => [
        text(key, `a key of ${name}`),
        shape(item, `${name}.${key}`),
      ]),
    );
}

type Fields<S extends Shapes> = { readonly [K in keyof S]: Typed<S[K]> };

/** An object with these keys; those of `optional` may be left out, and any others are dropped. */
export function fields<R extends Shapes>(required: R): Shape<Fields<R>>;
export function fields<R extends Shapes, O extends Shapes>(
  required: R,
  optional: O,
): Shape<Fields<R> & Partial<Fields<O>>>;
export function fields(required: Shapes, optional: Shapes = {}): Shape<Readonly<Record<string, unknown>>> {
  return (value, name) => {
    const source = objectOf(value, name);
    const read = ([key, shape]: readonly [string, Shape<unknown>]) =>
      [key, shape(source[key], name === '' ? key : `${name}.${key}`)] as const;
    const chosen = Object.entries(optional).filter(([key]) => source[key] !== undefined);
    return Object.fromEntries([...Object.entries(required), ...chosen].map(read));
  };
}

/** The value as an object of unknown keys. */
export function objectOf(value: unknown, name: string): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<string, unknown>>)
    : wrong(value, name, 'no object');
}

function wrong(value: unknown, name: string, lacks: string): never {
  const called = name === '' ? 'it' : name;
  throw new Misshapen(
    value === undefined ? `${called} is missing` : `${called} is ${brief(value)}, ${lacks}`,
  );
}

/** A value in words; lists and objects are not opened far. */
export function brief(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
