/** Keys of a spec set from outside: `optimizer.learningRate` reaches into sections. */
import { refuse } from '../../core/errors.js';
import { parseSpecText } from '../../runs/index.js';

/** A spec before it is checked. */
export type RawSpec = Readonly<Record<string, unknown>>;

/** A dotted key and its value. */
export type Setting = readonly [key: string, value: unknown];

/** The spec with a key set, and sections made that it reaches through. Leaves the spec as it is. */
export function withSetting(spec: RawSpec, [key, value]: Setting): RawSpec {
  return setAt(spec, key.split('.'), value, key);
}

function setAt(section: RawSpec, [first, ...rest]: readonly string[], value: unknown, key: string): RawSpec {
  if (rest.length === 0) return { ...section, [first]: value };
  const inner = Object.hasOwn(section, first) ? section[first] : {};
  if (!isSection(inner)) refuse(key, `a section under ${first} to reach into`, inner);
  return { ...section, [first]: setAt(inner, rest, value, key) };
}

export function isSection(value: unknown): value is RawSpec {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A key as people write it: letters, digits, dots between. */
const KEY = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/;

export function checkKey(key: string, where: string): string {
  if (!KEY.test(key) || key.split('.').includes('__proto__'))
    refuse(where, 'a key of the spec, with dots into sections, such as init.seed', key);
  return key;
}

/** `key=value`, the value as YAML has it. */
export function parseOverride(text: string, where: string): Setting {
  const cut = text.indexOf('=');
  if (cut < 1) refuse(where, 'KEY=VALUE, for example optimizer.learningRate=0.05', text);
  return [checkKey(text.slice(0, cut).trim(), where), parseSpecText(text.slice(cut + 1), where)];
}

/** A value of a setting in a cell or a name: text as it is, lists and sections as JSON. */
export function settingText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
