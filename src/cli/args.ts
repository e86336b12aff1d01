/**
 * Command-line arguments: Node's own parser, with refusals in our words and a hint at what was meant.
 */
import { parseArgs } from 'node:util';
import { InputError, refuse } from '../core/errors.js';
import { nearest } from '../core/suggest.js';

/** An option that takes a value, one that takes a value each time it is given, or a flag. */
export type Options = Readonly<Record<string, 'value' | 'values' | 'flag'>>;

export interface Parsed {
  readonly positionals: readonly string[];
  /** The value of an option, or undefined. */
  value(name: string): string | undefined;
  /** All values of an option that may be given more than once. */
  values(name: string): readonly string[];
  flag(name: string): boolean;
}

/** Every verb has these. */
const COMMON: Options = { json: 'flag', help: 'flag' };

export function parse(
  verb: string,
  args: readonly string[],
  options: Options,
  positionals: readonly string[],
): Parsed {
  const all: Options = { ...options, ...COMMON };
  const known = Object.keys(all);
  const joined = joinValues(args, all);
  for (const arg of joined) {
    if (!arg.startsWith('-') || arg === '-' || arg === '-h') continue;
    const name = arg.replace(/^--?/, '').split('=')[0];
    if (arg.startsWith('--') && known.includes(name)) continue;
    const near = nearest(name, known);
    throw new InputError(
      'argument',
      `collapsar ${verb}`,
      'a known option',
      arg.split('=')[0],
      near === null ? `see collapsar ${verb} --help` : `did you mean --${near}?`,
    );
  }
  const twice = known.find(
    (name) =>
      all[name] !== 'values' &&
      joined.filter((arg) => arg === `--${name}` || arg.startsWith(`--${name}=`)).length > 1,
  );
  if (twice !== undefined) refuse(`--${twice}`, 'to be given once', 2);
  for (const arg of joined) {
    const name = arg.replace(/^--/, '');
    if (arg.startsWith('--') && takesValue(all[name]))
      refuse(arg, 'a value', undefined, `see collapsar ${verb} --help`);
    const flag = /^--([^=]+)=/.exec(arg)?.[1];
    if (flag !== undefined && all[flag] === 'flag') refuse(`--${flag}`, 'no value', arg);
  }
  const parsed = parseArgs({
    args: joined,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(
        Object.entries(all).map(([name, kind]) => [
          name,
          { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: kind === 'values' },
        ]),
      ),
      help: { type: 'boolean' as const, short: 'h' },
    },
  });
  // The last may stand for any number: FILE…
  const isOpen = positionals.at(-1)?.endsWith('…') === true;
  if (!isOpen && parsed.positionals.length > positionals.length)
    refuse(
      `collapsar ${verb}`,
      positionals.length === 0 ? 'options only' : `${positionals.join(' ')} and options`,
      parsed.positionals[positionals.length],
      `see collapsar ${verb} --help`,
    );
  const values = parsed.values as Readonly<Record<string, string | boolean | string[] | undefined>>;
  return {
    positionals: parsed.positionals,
    value(name) {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
    values(name) {
      const value = values[name];
      return Array.isArray(value) ? value : [];
    },
    flag: (name) => values[name] === true,
  };
}

function takesValue(kind: Options[string] | undefined): boolean {
  return kind === 'value' || kind === 'values';
}

/** `--option VALUE` as `--option=VALUE`, so that a value may begin with a minus sign. */
function joinValues(args: readonly string[], options: Options): string[] {
  const out: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i];
    const next = args.at(i + 1);
    if (takesValue(options[arg.replace(/^--/, '')]) && arg.startsWith('--') && !arg.includes('=')) {
      if (next !== undefined && !/^--[a-z]/.test(next)) {
        out.push(`${arg}=${next}`);
        i++;
        continue;
      }
    }
    out.push(arg);
  }
  return out;
}

/** A comma-separated list of numbers. */
export function numberList(option: string, text: string): number[] {
  return text.split(',').map((part) => singleNumber(option, part));
}

/** One number; words are refused here, ranges where the number is used. */
export function singleNumber(option: string, text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(value)) refuse(option, 'a number', text);
  return value;
}

/** One of a closed set of words. */
export function choice<T extends string>(
  option: string,
  text: string | undefined,
  choices: readonly T[],
  fallback: T,
): T {
  if (text === undefined) return fallback;
  const match = choices.find((allowed) => allowed === text.toLowerCase());
  return match ?? refuse(option, choices.join(' or '), text);
}
