/** IDX files made byte by byte, plain and gzipped, whole and hostile. */
import { deflateRawSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gunzipped, isGzip, memorySource, pairIdx, readIdx } from '../../src/data/index.js';
import { firstDifference } from '../support/firstDifference.js';
import { countingSource, idxFile, refusal } from './imageFiles.js';

const read = (bytes: Uint8Array, holds: 'images' | 'labels' = 'images') =>
  readIdx(memorySource('x-ubyte', bytes), holds);
const gz = (bytes: Uint8Array): Uint8Array => new Uint8Array(gzipSync(bytes));
const joined = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
/** A header with any axes, no data. */
const claim = (...shape: readonly number[]): Uint8Array => idxFile(shape, []);

const IMAGES = idxFile([2, 2, 3], [0, 1, 2, 3, 4, 5, 250, 251, 252, 253, 254, 255]);
const LABELS = idxFile([4], [5, 0, 9, 1]);

describe('IDX', () => {
  it('reads a file written out by hand', async () => {
    const bytes = new Uint8Array([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40]);
    const { shape, data, file } = await read(bytes);
    expect([shape, [...data]]).toEqual([
      [1, 2, 2],
      [10, 20, 30, 40],
    ]);
    expect(file).toEqual(bytes);
    const labels = await read(new Uint8Array([0, 0, 8, 1, 0, 0, 0, 2, 7, 3]), 'labels');
    expect([labels.shape, [...labels.data]]).toEqual([[2], [7, 3]]);
  });

  it('reads the same from a gzip file, of any size and with any header', async () => {
    const sizes = fc.record({
      shape: fc.tuple(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
      ),
      factor: fc.nat(255),
      flags: fc.constantFrom(0, 2, 4, 8, 16, 30),
    });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ shape, factor, flags }) => {
        const data = Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => (i * factor) & 255);
        const file = idxFile(shape, data);
        const packed = gz(file);
        const fields = [
          ...(flags & 4 ? [3, 0, 1, 2, 3] : []),
          ...(flags & 8 ? [...Buffer.from('name\0')] : []),
          ...(flags & 16 ? [...Buffer.from('a comment\0')] : []),
          ...(flags & 2 ? [1, 2] : []),
        ];
        const whole = joined(
          packed.subarray(0, 3),
          [flags],
          packed.subarray(4, 10),
          fields,
          packed.subarray(10),
        );
        const found = await read(whole);
        expect(found.shape).toEqual(shape);
        expect([...found.data]).toEqual(data);
        expect(found).toEqual(await read(file));
      }),
      { numRuns: 40 },
    );
  });

  it('pairs images with labels, one each', async () => {
    const images = await read(IMAGES);
    const pair = pairIdx(images, await read(idxFile([2], [3, 1]), 'labels'), 'y');
    expect([pair.samples, pair.height, pair.width, [...pair.labels]]).toEqual([2, 2, 3, [3, 1]]);
    const labels = await read(LABELS, 'labels');
    const refused = await refusal(
      () => Promise.resolve().then(() => pairIdx(images, labels, 'y')),
      'dimension',
    );
    expect(refused.message).toBe('y: one label for each of 2 images, got 4 labels');
  });

  it.each([
    ['an empty file', new Uint8Array(0), /magic/],
    ['three bytes', IMAGES.subarray(0, 3), /magic/],
    ['a cut header', IMAGES.subarray(0, 11), /header/],
    ['another magic', joined([0, 0, 9, 3], IMAGES.subarray(4)), /0x00000803.*0x00000903/],
    ['labels for images', LABELS, /images \(magic 0x00000803\), got magic 0x00000801/],
    ['two axes', joined([0, 0, 8, 2], IMAGES.subarray(4)), /0x00000802/],
    ['a cut file', IMAGES.subarray(0, IMAGES.length - 1), /28 bytes.*got 27; the file is cut off/],
    ['trailing bytes', joined(IMAGES, [0]), /28 bytes.*got 29; there are bytes behind/],
    ['no images', claim(0, 28, 28), /1 to 1073741824/],
    ['an empty axis', claim(5, 0, 28), /5×0×28/],
    ['huge axes', claim(0xffffffff, 0xffffffff, 0xffffffff), /4294967295×4294967295×4294967295/],
    ['a large claim', claim(60000, 28, 28), /47040016 bytes/],
  ])('refuses %s', async (_, bytes, message) => {
    const refused = await refusal(() => read(bytes));
    expect(refused.message).toMatch(message);
    expect(refused.where).toBe('x-ubyte');
    if (bytes.length > 0) await refusal(() => read(gz(bytes)));
  });

  it('refuses labels of another magic', async () => {
    expect((await refusal(() => read(IMAGES, 'labels'))).message).toMatch(/labels \(magic 0x00000801\)/);
  });
});

describe('gzip', () => {
  const packed = gz(IMAGES);
  const withTrailer = (crc: readonly number[] | null, size: readonly number[] | null): Uint8Array => {
    const end = packed.length;
    return joined(
      packed.subarray(0, end - 8),
      crc ?? packed.subarray(end - 8, end - 4),
      size ?? packed.subarray(end - 4),
    );
  };

  it.each([
    ['a cut file', packed.subarray(0, packed.length - 1), /./],
    ['a header alone', packed.subarray(0, 12), /whole gzip file/],
    ['another method', joined(packed.subarray(0, 2), [7], packed.subarray(3)), /method 7/],
    ['reserved flags', joined(packed.subarray(0, 3), [0x80], packed.subarray(4)), /reserved/],
    [
      'a name without end',
      joined([0x1f, 0x8b, 8, 8], new Uint8Array(70000).fill(65)),
      /header of at most 65536/,
    ],
    ['a wrong checksum', withTrailer([1, 2, 3, 4], null), /checksum/],
    ['a size field that claims less', withTrailer(null, [20, 0, 0, 0]), /28 bytes unpacked/],
    ['a size field that claims much', withTrailer(null, [255, 255, 255, 63]), /at most \d+ bytes/],
    ['two members', joined(packed, gz(new Uint8Array(28))), /./],
    ['bytes behind it', joined(packed, [0, 0, 0]), /./],
  ])('refuses %s', async (_, bytes, message) => {
    const refused = await refusal(() => read(bytes));
    expect(refused.message).toMatch(message);
    expect(refused.where).toBe('x-ubyte');
  });

  it('refuses every single damaged byte that changes what comes out', async () => {
    const whole = await read(packed);
    for (let at = 0; at < packed.length; at++)
      for (const flip of [1, 128]) {
        const bytes = new Uint8Array(packed);
        bytes[at] ^= flip;
        try {
          // Time stamp and flags of the system may change; the items may not.
          expect((await read(bytes)).data).toEqual(whole.data);
        } catch (error) {
          expect(error).toHaveProperty('code', 'format');
        }
      }
  });

  it('allocates what the header and the trailer agree on, not what one of them claims', async () => {
    // 50 MiB of zeros behind a header of one image: 50 kB packed, refused after a look at its start.
    const bomb = gz(joined(claim(1, 28, 28), new Uint8Array(50 * 2 ** 20)));
    const source = countingSource(bomb);
    expect((await refusal(() => readIdx(source, 'images'))).message).toMatch(/800 bytes unpacked/);
    // Another header that claims 2^30 bytes, in a stream that holds 16.
    const body = deflateRawSync(claim(2 ** 10, 2 ** 10, 2 ** 10));
    const size = Buffer.alloc(4);
    size.writeUInt32LE(2 ** 30);
    await refusal(() => read(joined(packed.subarray(0, 10), body, [0, 0, 0, 0], size)));
  });

  it('is a source of bytes like another', async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) >> 3);
    const source = memorySource('x', gz(bytes));
    expect([await isGzip(source), await isGzip(memorySource('y', new Uint8Array(1)))]).toEqual([true, false]);
    const plain = await gunzipped(source);
    expect(plain.size).toBe(bytes.length);
    for (const [offset, length] of [
      [0, 10],
      [65530, 20],
      [150_000, 150_000],
      [0, bytes.length],
    ])
      expect(
        firstDifference(await plain.read(offset, length), bytes.subarray(offset, offset + length)),
      ).toBeNull();
    await refusal(() => plain.read(299_999, 2));
    await refusal(() => gunzipped(memorySource('z', new Uint8Array(40))));
  });
});
