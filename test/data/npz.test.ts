import { deflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeNpy, encodeNpz, memorySource, openArrays } from '../../src/data/index.js';
import { crc32 } from '../../src/data/crc32.js';
import { firstDifference } from '../support/firstDifference.js';
import { countingSource, type RawMember, rawZip, readAll, refusal } from './helpers.js';

const source = (bytes: Uint8Array) => memorySource('x.npz', bytes);
const small = encodeNpy([1, 2, 3], [3], 'float64');

/** A matrix that compresses, but not to nothing. */
const ROWS = 3000;
const COLS = 64;
const table = Float32Array.from({ length: ROWS * COLS }, (_, i) => (i * 7919) % 1013);
const packed = rawZip([{ name: 'a.npy', data: encodeNpy(table, [ROWS, COLS], 'float32'), deflate: true }]);

describe('npz', () => {
  it('writes what it reads, the same bytes each time', async () => {
    const arrays = [
      { name: 'features', shape: [2, 3], dtype: 'float32', values: [1, 2, 3, 4, 5, 6] },
      { name: 'labels', shape: [2], dtype: 'int64', values: [0, 1] },
      { name: 'a/b/../ü', shape: [], dtype: 'float64', values: [Math.PI] },
      { name: '__proto__', shape: [0, 4], dtype: 'uint8', values: [] },
    ] as const;
    const bytes = encodeNpz(arrays);
    expect(encodeNpz(arrays)).toEqual(bytes);
    const file = await openArrays(source(bytes));
    expect(file.format).toBe('npz');
    expect(file.names).toEqual(arrays.map(({ name }) => name));
    for (const { name, shape, dtype, values } of arrays) {
      const entry = await file.get(name);
      expect([entry.shape, entry.dtype, entry.where]).toEqual([shape, dtype, `x.npz[${name}]`]);
      expect([...(await entry.all())]).toEqual(values);
    }
    expect((await readAll(source(encodeNpz([])))).size).toBe(0);
    expect(() => encodeNpz([arrays[0], arrays[0]])).toThrow(/differ/);
  });

  it('has the checksum of zlib', () => {
    // The check value of CRC-32/ISO-HDLC, whole and in two pieces at an odd offset.
    const bytes = new TextEncoder().encode('123456789');
    expect(crc32(bytes)).toBe(0xcbf43926);
    const long = new Uint8Array(100).map((_, i) => i * i);
    for (const cut of [0, 1, 7, 50, 99])
      expect(crc32(long.subarray(cut), crc32(long.subarray(0, cut)))).toBe(crc32(long));
  });

  it('names the arrays there are, and the one that was meant', async () => {
    const file = await openArrays(
      source(
        encodeNpz(
          ['features', 'labels', 'W1'].map((name) => ({ name, shape: [1], dtype: 'int8', values: [1] })),
        ),
      ),
    );
    const error = await refusal(() => file.get('feature'), 'argument');
    expect(error.message).toBe(
      'x.npz: the name of an array in the file, got "feature"; did you mean features? it holds features, labels, W1',
    );
    expect((await refusal(() => file.get('zzz'), 'argument')).message).toMatch(/"zzz"; it holds features/);
    expect([file.has('W1'), file.has('w1'), file.has('toString')]).toEqual([true, false, false]);
  });

  it('reads any sequence of rows of a compressed array, forwards, backwards and at once', async () => {
    const spans = fc.array(fc.tuple(fc.nat(ROWS), fc.nat(400)), { maxLength: 6 });
    const entry = await (await openArrays(source(packed))).get('a');
    await fc.assert(
      fc.asyncProperty(spans, async (list) => {
        await Promise.all(
          list.map(async ([start, wanted]) => {
            const count = Math.min(wanted, ROWS - start);
            const read = await entry.rows(start, count);
            expect(read).toBeInstanceOf(Float32Array);
            expect(firstDifference(read, table.subarray(start * COLS, (start + count) * COLS))).toBeNull();
          }),
        );
      }),
      { numRuns: 20 },
    );
  });

  it('reads a compressed array once from end to end', async () => {
    const counted = countingSource(packed);
    const entry = await (await openArrays(counted)).get('a');
    for (let start = 0; start < ROWS; start += 100) await entry.rows(start, 100);
    // The directory is looked for in the last 64 KiB; the data itself is read once.
    expect(counted.asked).toBeLessThan(packed.length + 70_000);
    expect(counted.largest).toBeLessThanOrEqual(65_557);
  });

  it('reads zip64 members and end records, empty arrays and nested names', async () => {
    const far = rawZip(
      [
        { name: 'x.npy', data: small, zip64: true },
        { name: 'deep/down/y.npy', data: encodeNpy([], [0, 3], 'float32'), deflate: true, zip64: true },
        { name: 'readme.txt', data: new Uint8Array(3) },
      ],
      { zip64End: true },
    );
    const arrays = await readAll(source(far));
    expect([...arrays]).toEqual([
      ['x', new Float64Array([1, 2, 3])],
      ['deep/down/y', new Float64Array(0)],
    ]);
  });

  it('refuses data that does not match its checksum, stored or deflated', async () => {
    for (const deflate of [false, true]) {
      const bytes = rawZip([{ name: 'x.npy', data: small, deflate, declaredCrc: 12345 }]);
      expect((await refusal(() => readAll(source(bytes)))).message).toMatch(/x\.npz\[x\].*checksum/);
    }
  });

  const bad: readonly (readonly [string, readonly RawMember[], RegExp])[] = [
    [
      'two members of one name',
      [
        { name: 'x.npy', data: small },
        { name: 'x.npy', data: small },
      ],
      /one member a name/,
    ],
    ['encryption', [{ name: 'x.npy', data: small, flags: 1 }], /encrypted/],
    ['other compression', [{ name: 'x.npy', data: small, method: 12 }], /method 12/],
    ['no arrays', [{ name: 'x.txt', data: small }], /\.npy members/],
    ['a member that is not npy', [{ name: 'x.npy', data: new Uint8Array(200) }], /magic/],
    ['an empty member', [{ name: 'x.npy', data: new Uint8Array(0) }], /magic/],
    ['a stored size that is not', [{ name: 'x.npy', data: small, declaredSize: 10 }], /10 stored bytes/],
    [
      'an inflated size too small',
      [{ name: 'x.npy', data: small, deflate: true, declaredSize: 140 }],
      /24 bytes/,
    ],
    [
      'an inflated size too large',
      [{ name: 'x.npy', data: small, deflate: true, declaredSize: 160 }],
      /24 bytes/,
    ],
    [
      'an impossible inflated size',
      [{ name: 'x.npy', data: small, deflate: true, declaredSize: 1e7 }],
      /1032 times/,
    ],
    [
      'data that is not deflate',
      [{ name: 'x.npy', data: new Uint8Array(500).fill(255), method: 8 }],
      /deflated data/,
    ],
    [
      'members over each other',
      [
        { name: 'x.npy', data: small },
        { name: 'y.npy', data: small, declaredOffset: 10 },
      ],
      /overlap/,
    ],
    ['a member beyond the file', [{ name: 'x.npy', data: small, declaredOffset: 4e9 }], /overlap/],
  ];
  it.each(bad)('refuses %s', async (_, members, message) => {
    expect((await refusal(() => readAll(source(rawZip(members))))).message).toMatch(message);
  });

  it('refuses an npy header that agrees with the directory but not with the data', async () => {
    // The header and the declared size say 1000 numbers; the deflate stream holds three, or a thousand and
    // one.
    for (const real of [3, 1001]) {
      const honest = encodeNpy(new Float64Array(1000), [1000], 'float64');
      const data = new Uint8Array(128 + 8 * real);
      data.set(honest.subarray(0, data.length));
      const bytes = rawZip([{ name: 'x.npy', data, deflate: true, declaredSize: honest.length }]);
      expect((await refusal(() => readAll(source(bytes)))).message).toMatch(
        /8128 bytes after inflating, got (152|more)/,
      );
    }
  });

  it('spends bounded memory on a zip bomb, small or large claims alike', async () => {
    // 400 MB of zeros in 400 kB. Claiming less is refused where the claim ends; claiming all of it is refused at once,
    // and beside 4 MB of other data it can be read in pieces.
    const count = 1e8;
    const head = encodeNpy([], [0], 'float32').subarray(0, 128);
    // Not TextDecoder: its latin1 is windows-1252, which Node follows from 22 on.
    const text = Buffer.from(head).toString('latin1').replace('(0,)', `(${count},)`);
    const start = Uint8Array.from(`${text.trimEnd().padEnd(127)}\n`, (c) => c.charCodeAt(0));
    const data = new Uint8Array(128 + 4 * count);
    data.set(start);
    const deflated = deflateRawSync(data);
    const other = { name: 'y.npy', data: encodeNpy(new Float32Array(1e6), [1e6], 'float32') };
    const bomb = (declaredSize: number, ...others: (typeof other)[]): Uint8Array => {
      const bytes = Buffer.from(rawZip([...others, { name: 'x.npy', data: deflated, method: 8 }]));
      const end = bytes.length - 22 - 46 - 5;
      bytes.writeUInt32LE(declaredSize, end + 24);
      bytes.writeUInt32LE(crc32(data), end + 16);
      return new Uint8Array(bytes);
    };
    const lying = source(bomb(1128));
    const before = process.memoryUsage().rss;
    expect((await refusal(() => readAll(lying))).message).toMatch(/400000000 bytes for float32/);
    expect((await refusal(() => openArrays(source(bomb(data.length))))).message).toMatch(
      /at most \d+ bytes of arrays in a zip file of \d+ bytes, got 400000128 bytes once unpacked/,
    );
    const entry = await (await openArrays(source(bomb(data.length, other)))).get('x');
    expect(entry.rowCount).toBe(count);
    for (let at = 0; at < 10; at++) expect((await entry.rows(at * 1000, 1000))[5]).toBe(0);
    // A few copies of the file and a few chunks; 100 MB is a quarter of what it unpacks to.
    expect(process.memoryUsage().rss - before).toBeLessThan(100e6);
  });
});
