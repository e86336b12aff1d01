/**
 * The header of an npy file: a Python dict literal with exactly `descr`, `fortran_order` and `shape`.
 *
 * Source: numpy/lib/format.py, format versions 1.0 to 3.0. Only that literal is understood; nothing is
 * evaluated.
 * Limits: 65 535 bytes of header (NumPy itself refuses above 10 000 by default), rank 32.
 */
import { show } from '../core/errors.js';
import type { DType } from './dtypes.js';
import { brief, refuseBytes } from './refuseBytes.js';

export interface NpyHeader {
  readonly dtype: DType;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
}

const DTYPES: ReadonlyMap<string, DType> = new Map([
  ['f2', 'float16'],
  ['f4', 'float32'],
  ['f8', 'float64'],
  ['i1', 'int8'],
  ['i2', 'int16'],
  ['i4', 'int32'],
  ['i8', 'int64'],
  ['u1', 'uint8'],
  ['u2', 'uint16'],
  ['u4', 'uint32'],
  ['u8', 'uint64'],
  ['b1', 'bool'],
]);

/**
 * Parses the text of a header. Throws a format error for any other text, and for types that are not real
 * numbers.
 */
export function parseNpyHeader(where: string, text: string): NpyHeader {
  const { descr, fortran, shape } = parseNpyFields(where, text);
  return { ...parseDescr(where, descr), fortran, shape };
}

/** Fixed-width text: `U` of UTF-32, `S` of bytes. */
export interface NpyTextType {
  readonly kind: 'U' | 'S';
  /** Characters an item. */
  readonly width: number;
  readonly bigEndian: boolean;
}

/** The type of an array of text; null for any other descr. */
export function npyTextType(descr: string): NpyTextType | null {
  const match = /^([<>=|]?)([US])([0-9]{1,9})$/.exec(descr);
  if (match === null) return null;
  return { kind: match[2] as 'U' | 'S', width: Number(match[3]), bigEndian: match[1] === '>' };
}

/** The three fields of a header, whatever the type. */
export function parseNpyFields(
  where: string,
  text: string,
): { readonly descr: string; readonly fortran: boolean; readonly shape: readonly number[] } {
  const fields = new DictParser(where, text).parse();
  const descr = fields.get('descr');
  const fortran = fields.get('fortran_order');
  const shape = fields.get('shape');
  if (fields.size !== 3 || descr === undefined || fortran === undefined || shape === undefined)
    refuseBytes(where, 'an npy header of descr, fortran_order and shape', show([...fields.keys()]));
  if (typeof fortran !== 'boolean') refuseBytes(where, 'fortran_order True or False', brief(fortran));
  if (!Array.isArray(shape)) refuseBytes(where, 'shape as a tuple', brief(shape));
  if (typeof descr !== 'string') refuseBytes(where, 'descr as text', brief(descr));
  return { descr, fortran, shape };
}

/** The descr of a type, little-endian, as NumPy writes it; bfloat16 has none. */
export function npyDescr(dtype: DType): string | null {
  for (const [code, name] of DTYPES) if (name === dtype) return `${code.endsWith('1') ? '|' : '<'}${code}`;
  return null;
}

function parseDescr(where: string, descr: string): { dtype: DType; bigEndian: boolean } {
  const order = descr.slice(0, 1);
  const code = descr.slice(1);
  const dtype = DTYPES.get(code);
  const ordered = order === '<' || order === '>' || order === '=';
  if (dtype !== undefined && (ordered || (order === '|' && code.endsWith('1'))))
    return { dtype, bigEndian: order === '>' };
  refuseBytes(
    where,
    'an array of real numbers (float16/32/64, integers, bool)',
    kindOf(descr),
    HINTS[descr.replace(/^[<>=|]/, '')],
  );
}

/** What to do about types that are met in practice. */
const HINTS: Readonly<Partial<Record<string, string>>> = {
  V2: 'this is how NumPy writes bfloat16: convert in PyTorch with .float() before .numpy()',
  V1: 'this is how NumPy writes float8: convert in PyTorch with .float() before .numpy()',
  O: 'labels as words: numpy.array(words, dtype=str)',
};

function kindOf(descr: string): string {
  const kinds: Readonly<Record<string, string>> = {
    O: 'Python objects',
    c: 'complex numbers',
    S: 'byte strings',
    a: 'byte strings',
    U: 'text',
    V: 'raw or structured records',
    M: 'dates',
    m: 'time spans',
    f: 'floats of another width',
  };
  const letter = /^[<>=|]?([A-Za-z])/.exec(descr)?.[1] ?? '';
  const kind = Object.hasOwn(kinds, letter) ? kinds[letter] : 'an unknown type';
  return `${kind} (dtype ${descr.slice(0, 40)})`;
}

type Value = string | boolean | readonly number[];

/**
 * Reads `{'key': value, …}` where a value is a string without escapes, True, False or a tuple of integers.
 */
class DictParser {
  private at = 0;

  constructor(
    private readonly where: string,
    private readonly text: string,
  ) {}

  parse(): Map<string, Value> {
    const fields = new Map<string, Value>();
    this.expect('{');
    while (!this.accept('}')) {
      const key = this.string();
      this.expect(':');
      if (fields.has(key)) this.fail(`one ${show(key)}`);
      fields.set(key, this.value(key));
      if (!this.accept(',')) {
        this.expect('}');
        break;
      }
    }
    this.skip();
    if (this.at !== this.text.length) this.fail('nothing after the dict');
    return fields;
  }

  private value(key: string): Value {
    this.skip();
    const next = this.text.charAt(this.at);
    if (next === "'" || next === '"') return this.string();
    if (next === '(') return this.tuple();
    if (next === '[' && key === 'descr')
      refuseBytes(this.where, 'an array of real numbers', 'structured records (a list as dtype)');
    if (this.accept('True')) return true;
    if (this.accept('False')) return false;
    return this.fail('text, True, False or a tuple');
  }

  private tuple(): readonly number[] {
    const items: number[] = [];
    this.expect('(');
    while (!this.accept(')')) {
      items.push(this.integer());
      if (items.length > 64) this.fail('at most 64 axes');
      if (!this.accept(',')) {
        this.expect(')');
        break;
      }
    }
    return items;
  }

  /** Digits, with the sign a bad file may hold (refused with the shape) and the L that Python 2 wrote. */
  private integer(): number {
    this.skip();
    const digits = /^(-?[0-9]{1,30})L?/.exec(this.text.slice(this.at, this.at + 40));
    if (digits === null) return this.fail('an integer');
    this.at += digits[0].length;
    return Number(digits[1]);
  }

  private string(): string {
    this.skip();
    const quote = this.text.charAt(this.at);
    if (quote !== "'" && quote !== '"') return this.fail('a quoted text');
    const end = this.text.indexOf(quote, this.at + 1);
    if (end < 0) return this.fail('the end of a quoted text');
    const body = this.text.slice(this.at + 1, end);
    if (/[\\\n]/.test(body)) return this.fail('text without escapes');
    this.at = end + 1;
    return body;
  }

  private accept(token: string): boolean {
    this.skip();
    if (!this.text.startsWith(token, this.at)) return false;
    this.at += token.length;
    return true;
  }

  private expect(token: string): void {
    if (!this.accept(token)) this.fail(token);
  }

  private skip(): void {
    while (' \t\n\r'.includes(this.text.charAt(this.at)) && this.at < this.text.length) this.at++;
  }

  private fail(wanted: string): never {
    refuseBytes(
      this.where,
      `${wanted} in the npy header`,
      show(this.text.slice(this.at, this.at + 30).trimEnd()),
    );
  }
}
