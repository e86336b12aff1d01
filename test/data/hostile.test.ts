/**
 * Damaged files of every format: an InputError or plain numbers, never anything else, never unbounded memory.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { encodeNpy, encodeNpz, encodeSafetensors, openArrays } from '../../src/data/index.js';
import { countingSource, rawZip } from './helpers.js';

const arrays = [
  { name: 'features', shape: [5, 3], dtype: 'float32', values: Array.from({ length: 15 }, (_, i) => i / 7) },
  { name: 'labels', shape: [5], dtype: 'int64', values: [0, 1, 2, 1, 0] },
  { name: 'none', shape: [0, 2], dtype: 'uint16', values: [] },
] as const;

const files: readonly (readonly [string, Uint8Array])[] = [
  ['npy', encodeNpy([1, 2, 3, 4, 5, 6], [2, 3], 'float16')],
  ['npz', encodeNpz(arrays)],
  [
    'compressed npz',
    rawZip(
      arrays.map(({ name, shape, dtype, values }) => ({
        name: `${name}.npy`,
        data: encodeNpy(values, shape, dtype),
        deflate: true,
        zip64: name === 'labels',
      })),
      { zip64End: true },
    ),
  ],
  ['safetensors', encodeSafetensors(arrays, { step: '12' })],
];

/** Tries to read everything; numbers may be wrong where no checksum holds them, errors have to be ours. */
async function survives(bytes: Uint8Array): Promise<void> {
  const source = countingSource(bytes);
  const mine = (error: unknown): void => {
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message.length).toBeLessThan(1000);
  };
  try {
    const file = await openArrays(source);
    for (const name of file.names)
      try {
        const entry = await file.get(name);
        expect(entry.itemCount).toBeLessThanOrEqual(1100 * bytes.length);
        expect((await entry.all()).length).toBe(entry.itemCount);
        const count = Math.min(2, entry.rowCount);
        expect((await entry.rows(entry.rowCount - count, count)).length).toBe(count * entry.rowLength);
      } catch (error) {
        mine(error);
      }
  } catch (error) {
    mine(error);
  }
  // The start, the end, a directory or header, then each array twice.
  expect(source.asked).toBeLessThan(12 * bytes.length + 10_000);
  expect(source.largest).toBeLessThanOrEqual(bytes.length);
}

const INTERESTING = [0, 1, 0x7f, 0x80, 0xff];

describe.each(files)('a damaged %s file', (_, whole) => {
  it('whole is read', async () => {
    const file = await openArrays(countingSource(whole));
    for (const name of file.names) await (await file.get(name)).all();
  });

  it('survives being cut anywhere', async () => {
    for (let length = 0; length < whole.length; length += length < 300 ? 1 : 7)
      await survives(whole.subarray(0, length));
  });

  it('survives any few bytes changed', async () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.oneof(fc.nat(255), fc.constantFrom(...INTERESTING)));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        await survives(bytes);
      }),
      { numRuns: 600 },
    );
  });

  it('survives each byte of its first and last 400 set to extremes', async () => {
    for (let at = 0; at < whole.length; at = at === 399 ? Math.max(400, whole.length - 400) : at + 1)
      for (const value of [0, 0xff]) {
        const bytes = whole.slice();
        bytes[at] = value;
        await survives(bytes);
      }
  });

  it('survives pieces put in and taken out', async () => {
    const piece = fc.uint8Array({ maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(30), piece, async (at, cut, put) => {
        await survives(new Uint8Array([...whole.subarray(0, at), ...put, ...whole.subarray(at + cut)]));
      }),
      { numRuns: 200 },
    );
  });
});

it('survives any bytes behind any magic', async () => {
  const starts = [
    [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0],
    [0x50, 0x4b, 3, 4],
    [0x50, 0x4b, 5, 6],
    [0x80, 2],
    [],
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 200 }), async (start, rest) => {
      await survives(new Uint8Array([...start, ...rest]));
    }),
    { numRuns: 500 },
  );
});
