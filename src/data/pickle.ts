/**
 * Python's pickles, read as data: nothing in them is run.
 *
 * Source: CPython's Lib/pickletools.py, protocols 2 to 5. A pickle is a program for a small stack machine that may name any
 * class or function and call it. Here a name is refused unless the caller lists it, and a listed one is made by the
 * caller's own function. Without any: None, bool, int, float, str, bytes, lists, tuples, dicts and `collections.OrderedDict`.
 *
 * Limits: 8 MiB unless the caller allows more, and as many opcodes, which bounds the memory to about a quarter of a gigabyte beside
 * the bytes themselves; no opcodes of protocols 0 and 1 that are text.
 */
import { InputError, show } from '../core/errors.js';
import { latin1, utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';

/** A value of a pickle. Lists, tuples and sets are arrays; integers beyond ±(2⁵³ − 1) are bigint. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleDict
  | PickleName
  | PickleMade
  | PickleValue[];

/** Keys may be of any kind and may repeat; see `textKeys`. */
export interface PickleDict {
  readonly kind: 'dict';
  readonly entries: [PickleValue, PickleValue][];
}

/** A class or function that is listed but was not called, for example `torch.float32`. */
export interface PickleName {
  readonly kind: 'name';
  readonly name: string;
}

/** What a caller's function made. */
export interface PickleMade {
  readonly kind: 'made';
  readonly what: string;
  readonly value: unknown;
  /** Takes the state that a pickle gives after the call, as NumPy's arrays have it. */
  readonly build?: (state: PickleValue) => void;
}

export interface PickleNames {
  /** What a call of `module.name` makes, by that name. */
  readonly calls: ReadonlyMap<string, (args: readonly PickleValue[]) => PickleValue>;
  /** Names that may stand for themselves. */
  readonly names: ReadonlySet<string>;
  /** What a persistent id, a reference to something outside of the pickle, stands for. */
  readonly persistent?: (id: PickleValue) => PickleValue;
  /** The hint of the error for any other name. */
  readonly hint: string;
}

/** Longest pickle that is read, in bytes, and most of its opcodes. */
export const MAX_PICKLE = 2 ** 23;

/** Reads one pickle. Throws a format error for a name that is not listed, and for bytes that are no whole pickle. */
export function readPickle(
  bytes: Uint8Array,
  where: string,
  names: PickleNames,
  mostBytes = MAX_PICKLE,
): PickleValue {
  if (bytes.length > mostBytes)
    refuseBytes(where, `a pickle of at most ${mostBytes} bytes`, `${bytes.length} bytes`, names.hint);
  return new PickleMachine(bytes, where, names).run();
}

/** The entries of a dict under keys of text, the last of a key; other keys are left out. Null for another value. */
export function textKeys(value: PickleValue): Map<string, PickleValue> | null {
  if (!isKind(value, 'dict')) return null;
  const out = new Map<string, PickleValue>();
  for (const [key, item] of value.entries) {
    const name = typeof key === 'number' ? String(key) : key;
    const text = name instanceof Uint8Array ? utf8OrNull(name) : name;
    if (typeof text === 'string') out.set(text, item);
  }
  return out;
}

/** Whether a value is a dict, a name, or what a caller made. */
export function isKind<K extends 'dict' | 'name' | 'made'>(
  value: PickleValue,
  kind: K,
): value is Extract<PickleValue, { kind: K }> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    value.kind === kind
  );
}

/** Where a tuple, list or dict began. */
const MARK = Symbol('mark');
type Slot = PickleValue | typeof MARK;

const ORDERED_DICT = 'collections.OrderedDict';
/** How protocol 2 of Python 3 writes bytes: as text of their codes. */
const ENCODE = '_codecs.encode';

class PickleMachine {
  private at = 0;
  private readonly view: DataView;
  private readonly stack: Slot[] = [];
  private readonly memo = new Map<number, PickleValue>();

  constructor(
    private readonly bytes: Uint8Array,
    private readonly where: string,
    private readonly names: PickleNames,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  run(): PickleValue {
    for (let steps = 0; ; steps++) {
      if (steps > MAX_PICKLE)
        refuseBytes(this.where, `a pickle of at most ${MAX_PICKLE} opcodes`, 'a longer one', this.names.hint);
      const begin = this.at;
      const code = this.uint(1);
      if (code === 0x2e) return this.pop();
      if (!this.step(code))
        refuseBytes(this.where, 'opcodes of pickle protocols 2 to 5', `0x${code.toString(16)} at ${begin}`);
    }
  }

  /** False for an opcode that is not known. */
  private step(code: number): boolean {
    return this.stepValue(code) || this.stepContainer(code) || this.stepStack(code) || this.stepObject(code);
  }

  private stepValue(code: number): boolean {
    switch (code) {
      case 0x4e: // NONE
        return this.push(null);
      case 0x88: // NEWTRUE
        return this.push(true);
      case 0x89: // NEWFALSE
        return this.push(false);
      case 0x4a: // BININT
        return this.push(this.view.getInt32(this.skip(4), true));
      case 0x4b: // BININT1
        return this.push(this.uint(1));
      case 0x4d: // BININT2
        return this.push(this.uint(2));
      case 0x8a: // LONG1
        return this.push(this.long(this.uint(1)));
      case 0x8b: // LONG4
        return this.push(this.long(this.uint(4)));
      case 0x47: // BINFLOAT
        return this.push(this.view.getFloat64(this.skip(8), false));
      case 0x58: // BINUNICODE
        return this.push(this.text(this.uint(4)));
      case 0x8c: // SHORT_BINUNICODE
        return this.push(this.text(this.uint(1)));
      case 0x8d: // BINUNICODE8
        return this.push(this.text(this.uint(8)));
      case 0x42: // BINBYTES
      case 0x54: // BINSTRING, of Python 2
        return this.push(this.slice(this.uint(4)));
      case 0x43: // SHORT_BINBYTES
      case 0x55: // SHORT_BINSTRING, of Python 2
        return this.push(this.slice(this.uint(1)));
      case 0x8e: // BINBYTES8
      case 0x96: // BYTEARRAY8
        return this.push(this.slice(this.uint(8)));
      default:
        return false;
    }
  }

  private stepContainer(code: number): boolean {
    switch (code) {
      case 0x5d: // EMPTY_LIST
      case 0x29: // EMPTY_TUPLE
      case 0x8f: // EMPTY_SET
        return this.push([]);
      case 0x7d: // EMPTY_DICT
        return this.push({ kind: 'dict', entries: [] });
      case 0x85: // TUPLE1
      case 0x86: // TUPLE2
      case 0x87: // TUPLE3
        return this.push(this.popMany(code - 0x84));
      case 0x74: // TUPLE
      case 0x6c: // LIST
      case 0x91: // FROZENSET
        return this.push(this.popToMark());
      case 0x64: // DICT
        return this.push({ kind: 'dict', entries: this.pairs(this.popToMark()) });
      case 0x61: // APPEND
        return this.append([this.pop()]);
      case 0x65: // APPENDS
      case 0x90: // ADDITEMS
        return this.append(this.popToMark());
      case 0x73: // SETITEM
        return this.setItems(this.popMany(2));
      case 0x75: // SETITEMS
        return this.setItems(this.popToMark());
      default:
        return false;
    }
  }

  private stepStack(code: number): boolean {
    switch (code) {
      case 0x80: // PROTO
        if (this.uint(1) > 5) refuseBytes(this.where, 'a pickle of protocol 2 to 5', this.bytes[this.at - 1]);
        return true;
      case 0x95: // FRAME: only a promise of how much follows
        this.skip(8);
        return true;
      case 0x28: // MARK
        this.stack.push(MARK);
        return true;
      case 0x30: // POP
        if (this.stack.pop() === undefined) this.refuseStack();
        return true;
      case 0x31: // POP_MARK
        this.popToMark();
        return true;
      case 0x32: // DUP
        return this.push(this.top());
      case 0x71: // BINPUT
        return this.remember(this.uint(1));
      case 0x72: // LONG_BINPUT
        return this.remember(this.uint(4));
      case 0x94: // MEMOIZE
        return this.remember(this.memo.size);
      case 0x68: // BINGET
        return this.recall(this.uint(1));
      case 0x6a: // LONG_BINGET
        return this.recall(this.uint(4));
      default:
        return false;
    }
  }

  private stepObject(code: number): boolean {
    switch (code) {
      case 0x63: // GLOBAL
        return this.push(this.named(this.line(), this.line()));
      case 0x93: {
        // STACK_GLOBAL
        const [module, name] = this.popMany(2);
        if (typeof module !== 'string' || typeof name !== 'string') this.refuseStack();
        return this.push(this.named(module, name));
      }
      case 0x51: // BINPERSID
        if (this.names.persistent === undefined)
          refuseBytes(this.where, 'a pickle that is whole in itself', 'a persistent id', this.names.hint);
        return this.push(this.names.persistent(this.pop()));
      case 0x52: // REDUCE
      case 0x81: {
        // NEWOBJ
        const [callee, args] = this.popMany(2);
        return this.push(this.call(callee, args));
      }
      case 0x62: {
        // BUILD
        const state = this.pop();
        const target = this.top();
        // The attributes of a dict, as a state_dict has `_metadata`, say nothing of what is in it.
        if (isKind(target, 'dict')) return true;
        if (!isKind(target, 'made') || target.build === undefined) this.refuseStack();
        target.build(state);
        return true;
      }
      default:
        return false;
    }
  }

  private named(module: string, name: string): PickleName {
    const full = `${module}.${name}`;
    if (
      full !== ORDERED_DICT &&
      full !== ENCODE &&
      !this.names.calls.has(full) &&
      !this.names.names.has(full)
    )
      throw new InputError(
        'format',
        this.where,
        'tensors, dicts, lists, numbers and text',
        `the Python object ${show(full)} (nothing of it was run)`,
        this.names.hint,
      );
    return { kind: 'name', name: full };
  }

  private call(callee: PickleValue, args: PickleValue): PickleValue {
    if (!isKind(callee, 'name') || !Array.isArray(args)) return this.refuseStack();
    if (callee.name === ORDERED_DICT) {
      if (args.length > 0) this.refuseStack();
      return { kind: 'dict', entries: [] };
    }
    if (callee.name === ENCODE) {
      const [text, codec] = args;
      if (typeof text !== 'string' || codec !== 'latin1') return this.refuseStack();
      return Uint8Array.from(text, (character) => character.charCodeAt(0));
    }
    const make = this.names.calls.get(callee.name);
    if (make === undefined) refuseBytes(this.where, 'a name that is not called', show(callee.name));
    return make(args);
  }

  private append(items: readonly PickleValue[]): boolean {
    const list = this.top();
    if (!Array.isArray(list)) this.refuseStack();
    for (const item of items) list.push(item);
    return true;
  }

  private setItems(items: readonly PickleValue[]): boolean {
    const dict = this.top();
    if (!isKind(dict, 'dict')) this.refuseStack();
    for (const pair of this.pairs(items)) dict.entries.push(pair);
    return true;
  }

  private pairs(items: readonly PickleValue[]): [PickleValue, PickleValue][] {
    if (items.length % 2 !== 0) this.refuseStack();
    const out: [PickleValue, PickleValue][] = [];
    for (let i = 0; i < items.length; i += 2) out.push([items[i], items[i + 1]]);
    return out;
  }

  private remember(index: number): boolean {
    this.memo.set(index, this.top());
    return true;
  }

  private recall(index: number): boolean {
    const value = this.memo.get(index);
    if (value === undefined) refuseBytes(this.where, 'a pickle whose references exist', index);
    return this.push(value);
  }

  private push(value: PickleValue): boolean {
    this.stack.push(value);
    return true;
  }

  private pop(): PickleValue {
    const value = this.stack.pop();
    if (value === undefined || value === MARK) return this.refuseStack();
    return value;
  }

  private popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  private popToMark(): PickleValue[] {
    const from = this.stack.lastIndexOf(MARK);
    if (from < 0) this.refuseStack();
    const items = this.stack.splice(from).slice(1);
    return items as PickleValue[];
  }

  private top(): PickleValue {
    const value = this.stack.at(-1);
    if (value === undefined || value === MARK) return this.refuseStack();
    return value;
  }

  private refuseStack(): never {
    return refuseBytes(this.where, 'a whole pickle', `one that does not fit together at byte ${this.at}`);
  }

  /** Moves on by `count` bytes and gives where they begin. */
  private skip(count: number): number {
    const begin = this.at;
    if (count > this.bytes.length - begin)
      refuseBytes(this.where, 'a whole pickle', `one that is cut off at byte ${this.bytes.length}`);
    this.at += count;
    return begin;
  }

  private uint(size: 1 | 2 | 4 | 8): number {
    const at = this.skip(size);
    if (size === 1) return this.view.getUint8(at);
    if (size === 2) return this.view.getUint16(at, true);
    if (size === 4) return this.view.getUint32(at, true);
    // Beyond 2⁵³ it is beyond any pickle too.
    return Number(this.view.getBigUint64(at, true));
  }

  /** A signed little-endian integer of any length. */
  private long(size: number): number | bigint {
    if (size > 1024) refuseBytes(this.where, 'integers of at most 1024 bytes', size);
    const at = this.skip(size);
    let value = 0n;
    for (let i = size - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[at + i]);
    if (size > 0 && this.bytes[at + size - 1] >= 0x80) value -= 1n << BigInt(8 * size);
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }

  private slice(size: number): Uint8Array {
    const at = this.skip(size);
    return this.bytes.slice(at, at + size);
  }

  private text(size: number): string {
    return (
      utf8OrNull(this.slice(size)) ??
      refuseBytes(this.where, 'text in UTF-8', `other bytes before ${this.at}`)
    );
  }

  /** Up to the end of the line, as GLOBAL has its names. */
  private line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0)
      refuseBytes(this.where, 'a whole pickle', `one that is cut off at byte ${this.bytes.length}`);
    const text = latin1(this.bytes.subarray(this.at, end));
    this.at = end + 1;
    return text;
  }
}
