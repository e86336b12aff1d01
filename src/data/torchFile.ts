/**
 * Files of `torch.save` (PyTorch ≥ 1.6): a zip file with one pickle, `data.pkl`, and the bytes of each storage beside it.
 *
 * Source: `torch/serialization.py` and `torch/_utils.py` of PyTorch 1.13 and 2.x. A tensor is a call of `_rebuild_tensor_v2`
 * with a storage, an offset, a shape and strides; those calls, parameters, sizes, dicts, lists, numbers and text are known,
 * every other name is refused, and nothing is run (`pickle.ts`).
 *
 * The arrays are the tensors, called by the keys that lead to them, joined by dots: `model.fc.weight`. A list of numbers is an
 * array too, a list of text is one of words; single numbers and texts are `metadata`. A file of one tensor calls it `array`.
 */
import { show } from '../core/errors.js';
import { type ArrayEntry, type ArrayFile, arrayWhere, unknownName, type WordEntry } from './arrayFile.js';
import { type ByteSource, memorySource, readRange } from './byteSource.js';
import type { DType } from './dtypes.js';
import { encodeItems } from './dtypes.js';
import { arrayEntry } from './layout.js';
import { isKind, MAX_PICKLE, type PickleMade, type PickleValue, readPickle, textKeys } from './pickle.js';
import { latin1 } from './platform.js';
import { brief, refuseBytes } from './refuseBytes.js';
import { stridedEntry } from './strided.js';
import type { ZipMember } from './zipDirectory.js';
import { memberSource } from './zipMember.js';

/** The pickle of a file of `torch.save`. */
const PICKLE = 'data.pkl';
/** Arrays that one file may hold, and how deep its dicts go. */
const MOST_ARRAYS = 100_000;
const MOST_LEVELS = 32;

const HINT =
  'save tensors and state_dicts alone: torch.save({"features": features, "labels": labels, **model.state_dict()}, "network.pt")';

/** What PyTorch calls the types that can be read; null for those that cannot. */
const DTYPES: ReadonlyMap<string, DType | null> = new Map<string, DType | null>([
  ['torch.float16', 'float16'],
  ['torch.bfloat16', 'bfloat16'],
  ['torch.float32', 'float32'],
  ['torch.float64', 'float64'],
  ['torch.int8', 'int8'],
  ['torch.int16', 'int16'],
  ['torch.int32', 'int32'],
  ['torch.int64', 'int64'],
  ['torch.uint8', 'uint8'],
  ['torch.uint16', 'uint16'],
  ['torch.uint32', 'uint32'],
  ['torch.uint64', 'uint64'],
  ['torch.bool', 'bool'],
  ['torch.complex32', null],
  ['torch.complex64', null],
  ['torch.complex128', null],
  ['torch.float8_e4m3fn', null],
  ['torch.float8_e4m3fnuz', null],
  ['torch.float8_e5m2', null],
  ['torch.float8_e5m2fnuz', null],
  ['torch.float8_e8m0fnu', null],
]);

const STORAGES: ReadonlyMap<string, DType | null> = new Map<string, DType | null>([
  ['torch.HalfStorage', 'float16'],
  ['torch.BFloat16Storage', 'bfloat16'],
  ['torch.FloatStorage', 'float32'],
  ['torch.DoubleStorage', 'float64'],
  ['torch.CharStorage', 'int8'],
  ['torch.ShortStorage', 'int16'],
  ['torch.IntStorage', 'int32'],
  ['torch.LongStorage', 'int64'],
  ['torch.ByteStorage', 'uint8'],
  ['torch.BoolStorage', 'bool'],
  ['torch.ComplexFloatStorage', null],
  ['torch.ComplexDoubleStorage', null],
  // Its tensors say their type themselves.
  ['torch.storage.UntypedStorage', null],
]);

interface Storage {
  readonly typeName: string;
  readonly key: string;
}

interface Tensor {
  readonly storage: Storage;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly typeName: string;
  readonly dtype: DType | null;
}

/** A named thing of the file, before its bytes are looked at. */
type Item =
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'numbers'; readonly values: readonly number[] }
  | { readonly kind: 'words'; readonly words: readonly string[] };

/** Whether the members of a zip file are those of `torch.save`. */
export function isTorchFile(members: readonly ZipMember[]): boolean {
  return members.some(({ name }) => name === PICKLE || name.endsWith(`/${PICKLE}`));
}

/** The arrays of a file of `torch.save`. Throws a format error for a name in its pickle that is not known here. */
export async function torchFromMembers(
  source: ByteSource,
  members: readonly ZipMember[],
): Promise<ArrayFile> {
  const { name: where } = source;
  const byName = new Map(members.map((member) => [member.name, member]));
  const pickle = members.find(({ name }) => name === PICKLE || name.endsWith(`/${PICKLE}`));
  if (pickle === undefined) return refuseBytes(where, `a zip file with ${PICKLE}`, 'none');
  const prefix = pickle.name.slice(0, -PICKLE.length);
  if (pickle.size > MAX_PICKLE)
    refuseBytes(where, `a pickle of at most ${MAX_PICKLE} bytes`, `${pickle.size} bytes`, HINT);
  const root = readPickle(await whole(source, arrayWhere(where, PICKLE), pickle), where, namesOf(where));
  const { items, metadata } = flattened(root, where);
  const names = [...items.keys()];
  const order = byName.get(`${prefix}byteorder`);
  const bigEndian =
    order !== undefined &&
    order.size < 16 &&
    latin1(await whole(source, arrayWhere(where, 'byteorder'), order)) === 'big';
  const opened = new Map<string, Promise<ArrayEntry>>();
  const itemOf = (name: string): Item => {
    const item = items.get(name);
    if (item === undefined) throw unknownName(where, names, name);
    return item;
  };
  const open = async (name: string): Promise<ArrayEntry> => {
    const at = arrayWhere(where, name);
    const item = itemOf(name);
    switch (item.kind) {
      case 'tensor':
        return tensorEntry(source, at, name, item.tensor, { prefix, byName, bigEndian });
      case 'numbers': {
        const { values } = item;
        const data = memorySource(at, encodeItems(values, 'float64', at));
        const shape = [values.length];
        return arrayEntry({
          name,
          where: at,
          shape,
          dtype: 'float64',
          bigEndian: false,
          fortran: false,
          data,
        });
      }
      case 'words':
        return refuseBytes(at, 'numbers', 'a list of text');
      default:
        return item satisfies never;
    }
  };
  return {
    format: 'pt',
    name: where,
    byteSize: source.size,
    names,
    metadata,
    has: (name) => items.has(name),
    get(name) {
      const entry = opened.get(name) ?? open(name);
      opened.set(name, entry);
      return entry;
    },
    async words(name) {
      const item = itemOf(name);
      return Promise.resolve(item.kind === 'words' ? wordList(arrayWhere(where, name), item.words) : null);
    },
    close: async () => source.close?.(),
  };
}

async function whole(source: ByteSource, where: string, member: ZipMember): Promise<Uint8Array> {
  return readRange(await memberSource(source, where, member), where, 'the member', 0, member.size);
}

async function tensorEntry(
  source: ByteSource,
  where: string,
  name: string,
  { storage, dtype, typeName, shape, strides, offset }: Tensor,
  file: {
    readonly prefix: string;
    readonly byName: ReadonlyMap<string, ZipMember>;
    readonly bigEndian: boolean;
  },
): Promise<ArrayEntry> {
  if (dtype === null) refuseBytes(where, 'float16/32/64, bfloat16, integers or bool', show(typeName));
  const member = file.byName.get(`${file.prefix}data/${storage.key}`);
  if (member === undefined)
    return refuseBytes(where, `the member data/${storage.key}`, 'a file without', 'the file is damaged');
  return stridedEntry({
    ...{ name, where, shape, strides, offset, dtype },
    bigEndian: file.bigEndian,
    storage: await memberSource(source, where, member),
  });
}

function wordList(where: string, words: readonly string[]): WordEntry {
  return {
    where,
    shape: [words.length],
    itemCount: words.length,
    read: (start, count) => Promise.resolve(words.slice(start, start + count)),
  };
}

/** What a pickle of `torch.save` may name. */
function namesOf(where: string) {
  const damaged = (what: string): never => refuseBytes(where, `a ${what} as torch.save writes it`, 'another');
  const isMade = (value: PickleValue, what: string): value is PickleMade =>
    isKind(value, 'made') && value.what === what;
  const tensor = (
    args: readonly PickleValue[],
    typeOf: (storage: Storage) => [string, DType | null],
  ): PickleValue => {
    const [storage, offset, shape, strides] = args;
    if (!isMade(storage, 'storage') || typeof offset !== 'number') return damaged('tensor');
    if (!isNumbers(shape) || !isNumbers(strides)) return damaged('tensor');
    const held = storage.value as Storage;
    const [typeName, dtype] = typeOf(held);
    const value: Tensor = { storage: held, offset, shape, strides, typeName, dtype };
    return { kind: 'made', what: 'tensor', value };
  };
  const calls = new Map<string, (args: readonly PickleValue[]) => PickleValue>([
    [
      'torch._utils._rebuild_tensor_v2',
      (args) => tensor(args, ({ typeName }) => [typeName, STORAGES.get(typeName) ?? null]),
    ],
    [
      'torch._utils._rebuild_tensor_v3',
      (args) => {
        const dtype = args.at(6);
        if (dtype === undefined || !isKind(dtype, 'name')) return damaged('tensor');
        return tensor(args, () => [dtype.name, DTYPES.get(dtype.name) ?? null]);
      },
    ],
    ['torch._utils._rebuild_parameter', (args) => args.at(0) ?? null],
    ['torch._utils._rebuild_parameter_with_state', (args) => args.at(0) ?? null],
    ['torch.Size', (args) => args.at(0) ?? []],
    ['torch.device', (args) => args.map((part) => (typeof part === 'string' ? part : '')).join('')],
  ]);
  return {
    calls,
    names: new Set([...DTYPES.keys(), ...STORAGES.keys()]),
    hint: HINT,
    persistent: (id: PickleValue): PickleValue => {
      if (!Array.isArray(id) || id[0] !== 'storage') return damaged('storage');
      const [, type, key] = id;
      if (!isKind(type, 'name') || typeof key !== 'string') return damaged('storage');
      const value: Storage = { typeName: type.name, key };
      return { kind: 'made', what: 'storage', value };
    },
  };
}

function isNumbers(value: PickleValue): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number');
}

/** The named arrays and texts of a value. */
function flattened(root: PickleValue, where: string) {
  const items = new Map<string, Item>();
  const metadata = new Map<string, string>();
  // Lists that hold one another could be walked without end.
  let visits = 0;
  const visit = (value: PickleValue, path: readonly string[]): void => {
    if (++visits > MOST_ARRAYS || path.length > MOST_LEVELS)
      refuseBytes(where, `at most ${MOST_ARRAYS} values in ${MOST_LEVELS} levels`, 'more', HINT);
    const name = path.length === 0 ? 'array' : path.join('.');
    if (isKind(value, 'made')) {
      if (value.what === 'tensor') items.set(name, { kind: 'tensor', tensor: value.value as Tensor });
      return;
    }
    const dict = textKeys(value);
    if (dict !== null) {
      dict.forEach((item, key) => {
        visit(item, [...path, key]);
      });
      return;
    }
    if (Array.isArray(value)) {
      if (value.length > 0 && isNumbers(value)) items.set(name, { kind: 'numbers', values: value });
      else if (value.length > 0 && value.every((item) => typeof item === 'string'))
        items.set(name, { kind: 'words', words: value });
      else
        value.forEach((item, i) => {
          visit(item, [...path, String(i)]);
        });
      return;
    }
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      metadata.set(name, String(value));
  };
  visit(root, []);
  if (items.size === 0)
    refuseBytes(
      where,
      'a file with tensors',
      isKind(root, 'dict') ? 'a dict without any' : brief(root),
      HINT,
    );
  return { items, metadata };
}
