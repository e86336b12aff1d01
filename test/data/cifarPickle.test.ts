/** CIFAR-10 and CIFAR-100 as torchvision unpacks them: pickles of Python 2, and saved anew by Python 3 with NumPy 1 and 2. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCifarPickle } from '../../src/data/cifarPickle.js';
import { openImageData } from '../../src/data/imageFolder.node.js';
import { memorySource, readCifar } from '../../src/data/index.js';
import { cifarFile, inFolder, refusal } from './imageFiles.js';

const text = (value: string) => [...Buffer.from(value, 'latin1')];
const uint32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];
const short = (value: string) => [0x55, value.length, ...text(value)]; // SHORT_BINSTRING
const byte = (value: number) => [0x4b, value]; // BININT1
const list = (values: readonly number[]) => [0x5d, 0x28, ...values.flatMap(byte), 0x65]; // EMPTY_LIST, MARK … APPENDS
const global = (module: string, name: string) => [0x63, ...text(`${module}\n${name}\n`)];

interface Changes {
  readonly dtype?: string;
  readonly fortran?: boolean;
  readonly module?: string;
  readonly columns?: number;
}

/** A batch as Python 2 wrote it, opcode by opcode: protocol 2, keys and bytes as its strings. */
function pickled(
  planes: Uint8Array,
  labels: Readonly<Record<string, readonly number[]>>,
  changes: Changes = {},
): Uint8Array {
  const { dtype = 'u1', fortran = false, module = 'numpy.core.multiarray', columns = 3072 } = changes;
  const array = [
    ...global(module, '_reconstruct'),
    ...[...global('numpy', 'ndarray'), ...byte(0), 0x85, ...short('b'), 0x87, 0x52], // TUPLE1, TUPLE3, REDUCE
    ...[0x28, ...byte(1), ...[...byte(planes.length / columns), 0x4d, columns & 255, columns >> 8, 0x86]],
    ...[...global('numpy', 'dtype'), ...short(dtype), ...byte(0), ...byte(1), 0x87, 0x52],
    ...[
      0x28,
      ...byte(3),
      ...short('|'),
      0x4e,
      0x4e,
      0x4e,
      ...[0x4a, 255, 255, 255, 255],
      ...[0x4a, 255, 255, 255, 255],
    ],
    ...[...byte(0), 0x74, 0x62], // TUPLE, BUILD: the state of the type
    ...[fortran ? 0x88 : 0x89, 0x54, ...uint32(planes.length), ...planes, 0x74, 0x62], // BINSTRING
  ];
  const entries = [
    ...[...short('data'), ...array],
    ...Object.entries(labels).flatMap(([key, values]) => [...short(key), ...list(values)]),
    ...[...short('batch_label'), ...short('training batch 1 of 5')],
  ];
  return Uint8Array.from([0x80, 2, 0x7d, 0x28, ...entries, 0x75, 0x2e]);
}

/** The planes of images of `cifarFile`, without their labels. */
const planesOf = (count: number) => {
  const file = cifarFile(new Array<number>(count).fill(0));
  return Uint8Array.from(
    Array.from({ length: count }, (_, i) => [...file.subarray(i * 3073 + 1, (i + 1) * 3073)]).flat(),
  );
};
const ten = (labels: readonly number[], changes?: Changes) =>
  pickled(planesOf(labels.length), { labels }, changes);
const binary = (labels: readonly number[]) => readCifar([memorySource('bin', cifarFile(labels))], 'cifar-10');
const saved = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../cases/cifar/${name}`, import.meta.url)));

describe('a pickled batch of CIFAR', () => {
  it('is that of the binary version, as Python 2 wrote it', async () => {
    expect(readCifarPickle(ten([6, 9, 0]), 'x', 'cifar-10')).toEqual(await binary([6, 9, 0]));
  });

  it('has classes and superclasses in CIFAR-100', () => {
    const bytes = pickled(planesOf(2), { fine_labels: [99, 0], coarse_labels: [4, 19] });
    expect([...readCifarPickle(bytes, 'x', 'cifar-100').labels]).toEqual([99, 0]);
    expect([...readCifarPickle(bytes, 'x', 'cifar-100-coarse').labels]).toEqual([4, 19]);
  });

  it('is read as saved anew by Python 3, with NumPy 1 in protocol 2 and NumPy 2 in protocol 5', async () => {
    const { pixels } = await binary([6, 9]);
    const one = readCifarPickle(saved('numpy1-protocol2.pickle'), 'x', 'cifar-10');
    expect([one.pixels, [...one.labels]]).toEqual([pixels, [6, 9]]);
    // Its labels are arrays of int64 and int32.
    const two = saved('numpy2-protocol5-hundred.pickle');
    expect(readCifarPickle(two, 'x', 'cifar-100').pixels).toEqual(pixels);
    expect([...readCifarPickle(two, 'x', 'cifar-100').labels]).toEqual([99, 0]);
    expect([...readCifarPickle(two, 'x', 'cifar-100-coarse').labels]).toEqual([4, 19]);
  });

  it.each<[string, Uint8Array, RegExp]>([
    [
      'another name',
      ten([1], { module: 'posix' }),
      /got the Python object "posix\._reconstruct" \(nothing of it was run\); is it the Python version of CIFAR-10\?/,
    ],
    [
      'numbers of another type',
      ten([1], { dtype: 'f4' }),
      /NumPy arrays of bytes or integers in C order, got "?the type f4/,
    ],
    ['signed bytes', ten([1], { dtype: 'i1' }), /an array data of N×3072 bytes/],
    ['two-byte items', ten([1, 2], { dtype: 'u2', columns: 3072 }), /got "?other bytes than 6144 items have/],
    ['columns first', ten([1], { fortran: true }), /Fortran order/],
    [
      'images of another size',
      pickled(planesOf(1), { labels: [1] }, { columns: 1024 }),
      /got "?3×1024 items of 1 bytes/,
    ],
    ['a label beyond the classes', ten([1, 10]), /a label of 0 to 9 for image 1, got 10/],
    ['labels under another key', pickled(planesOf(1), { fine_labels: [1] }), /a list labels, got "?none/],
    [
      'too few labels',
      pickled(planesOf(2), { labels: [1] }),
      /2 labels, one an image, and at least one, got 1/,
    ],
    [
      'a value that is no dict',
      Uint8Array.from([0x80, 2, 0x4e, 0x2e]),
      /a pickled dict, got "?another value/,
    ],
    ['a file that is cut off', ten([1]).subarray(0, 2000), /a whole pickle, got "?one that is cut off/],
  ])('is refused for %s, by its name', async (_, bytes, message) => {
    const error = await refusal(() => Promise.resolve(readCifarPickle(bytes, 'data_batch_1', 'cifar-10')));
    expect(error.message).toMatch(/^data_batch_1: /);
    expect(error.message).toMatch(message);
  });

  it('is refused where it makes objects without end', async () => {
    const lists = new Uint8Array(2 ** 23 + 10).fill(0x5d);
    const error = await refusal(() => Promise.resolve(readCifarPickle(lists, 'x', 'cifar-10')));
    expect(error.message).toMatch(/at most 8388608 opcodes/);
  });
});

describe('a folder of the Python version', () => {
  it('is read like that of the binary version, six files in order, and says that its files are not those published', async () => {
    await inFolder(async (folder) => {
      const inner = join(folder, 'cifar-10-batches-py');
      mkdirSync(inner);
      for (let batch = 1; batch <= 5; batch++)
        writeFileSync(join(inner, `data_batch_${batch}`), ten([batch, batch]));
      writeFileSync(join(inner, 'test_batch'), ten([7]));
      writeFileSync(join(inner, 'batches.meta'), '');
      for (const [given, kind] of [
        [folder, 'cifar-10'],
        [inner, undefined],
      ] as const) {
        const { train, test, shortfall, origin } = await openImageData(given, kind);
        expect([...train.labels]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        expect([...(test?.labels ?? [])]).toEqual([7]);
        expect(train.pixels.subarray(0, 6144)).toEqual((await binary([1, 1])).pixels);
        expect(train.pixels.subarray(-6144)).toEqual((await binary([5, 5])).pixels);
        expect(shortfall).toMatch(/^5 of 5 training batches \(10 of 50 000 images\)/);
        expect(origin).toBe(
          'not the published files, by MD5: data_batch_1, data_batch_2, data_batch_3, data_batch_4, data_batch_5, test_batch',
        );
      }
    });
  });

  it('of CIFAR-100 is known by its meta, and a folder of both versions is read as the binary one', async () => {
    await inFolder(async (folder) => {
      const inner = join(folder, 'cifar-100-python');
      mkdirSync(inner);
      writeFileSync(join(inner, 'train'), pickled(planesOf(1), { fine_labels: [42], coarse_labels: [3] }));
      expect((await refusal(() => openImageData(folder, 'cifar-100'), 'file')).message).toContain(
        'train.bin and test.bin (or train and test)',
      );
      writeFileSync(join(inner, 'meta'), '');
      expect([...(await openImageData(folder, 'cifar-100')).train.labels]).toEqual([42]);
      expect([...(await openImageData(folder, 'cifar-100-coarse')).train.labels]).toEqual([3]);
      expect((await openImageData(folder, 'cifar-100')).origin).toBe('not the published file, by MD5: train');
      writeFileSync(join(folder, 'data_batch_1'), ten([1]));
      writeFileSync(join(folder, 'data_batch_1.bin'), cifarFile([2]));
      const both = await openImageData(folder, 'cifar-10');
      expect([[...both.train.labels], both.origin]).toEqual([[2], null]);
    });
  });
});
