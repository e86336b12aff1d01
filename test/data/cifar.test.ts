/** CIFAR-10's binary version. */
import { describe, expect, it } from 'vitest';
import { memorySource, readCifar as readAny } from '../../src/data/index.js';
import { cifarByte, cifarFile, countingSource, refusal } from './imageFiles.js';

const readCifar = (batches: Parameters<typeof readAny>[0]) => readAny(batches, 'cifar-10');

const batch = (name: string, labels: readonly number[]) => memorySource(name, cifarFile(labels));

describe('CIFAR-10', () => {
  it('reads batches in order, planes to NHWC', async () => {
    const { samples, pixels, labels } = await readCifar([batch('a', [6, 9]), batch('b', [0])]);
    expect([samples, [...labels], pixels.length]).toEqual([3, [6, 9, 0], 3 * 3072]);
    const expected = [0, 1, 0].flatMap((i) =>
      Array.from({ length: 3072 }, (_, p) => cifarByte(i, Math.floor(p / 96), Math.floor(p / 3) % 32, p % 3)),
    );
    expect([...pixels]).toEqual(expected);
  });

  it('reads each byte once, a bounded piece at a time', async () => {
    const file = cifarFile(Array.from({ length: 2500 }, (_, i) => i % 10));
    const source = countingSource(file);
    const { labels } = await readCifar([source]);
    expect([...labels.subarray(1020, 1030)]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(source.asked).toBe(file.length);
    expect(source.largest).toBe(1024 * 3073);
  });

  it('refuses a length that is not whole records, and labels above 9', async () => {
    const cut = memorySource('cut.bin', cifarFile([1, 2]).subarray(0, 6000));
    expect((await refusal(() => readCifar([cut]))).message).toMatch(/^cut\.bin: .*3073.*got 6000 bytes$/);
    const long = memorySource('long.bin', new Uint8Array(3074));
    await refusal(() => readCifar([batch('a', [1]), long]));
    await refusal(() => readCifar([memorySource('empty.bin', new Uint8Array(0))]));
    const labels = new Array<number>(1500).fill(9);
    labels[1400] = 10;
    expect((await refusal(() => readCifar([batch('a', [1]), batch('bad.bin', labels)]))).message).toMatch(
      /^bad\.bin: a label of 0 to 9 in record 1400, got 10/,
    );
  });

  it('refuses a size no batch has before anything is allocated', async () => {
    const huge = { name: 'huge', size: 3073 * 2 ** 30, read: () => Promise.reject(new Error('was read')) };
    expect((await refusal(() => readCifar([huge]))).message).toMatch(/at most 262144 records/);
  });
});

describe('CIFAR-100', () => {
  /** Records of CIFAR-10 with a superclass before the label. */
  const hundred = (labels: readonly (readonly [number, number])[]) => {
    const ten = cifarFile(labels.map(([, fine]) => fine));
    return Buffer.concat(
      labels.map(([coarse], i) =>
        Buffer.concat([Buffer.from([coarse]), ten.subarray(i * 3073, (i + 1) * 3073)]),
      ),
    );
  };
  const source = (labels: readonly (readonly [number, number])[]) =>
    memorySource('train.bin', new Uint8Array(hundred(labels)));

  it('reads the class or the superclass, and the same pixels', async () => {
    const labels = [
      [4, 99],
      [19, 0],
    ] as const;
    const fine = await readAny([source(labels)], 'cifar-100');
    const coarse = await readAny([source(labels)], 'cifar-100-coarse');
    expect([[...fine.labels], [...coarse.labels]]).toEqual([
      [99, 0],
      [4, 19],
    ]);
    expect(fine.pixels).toEqual(coarse.pixels);
    expect(fine.pixels).toEqual((await readCifar([batch('ten', [9, 0])])).pixels);
  });

  it('refuses a label beyond its classes, and the records of CIFAR-10', async () => {
    expect((await refusal(() => readAny([source([[20, 3]])], 'cifar-100-coarse'))).message).toMatch(
      /label of 0 to 19 in record 0, got 20/,
    );
    expect((await refusal(() => readAny([source([[1, 100]])], 'cifar-100'))).message).toMatch(/0 to 99/);
    expect((await refusal(() => readAny([batch('ten', [1])], 'cifar-100'))).message).toMatch(
      /multiple of 3074 bytes \(CIFAR-100's records\)/,
    );
  });
});
