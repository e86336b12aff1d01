import { describe, expect, it } from 'vitest';
import {
  encodeNpy,
  encodeNpz,
  encodeSafetensors,
  integers,
  memorySource,
  openArrays,
  PYTORCH_EXPORT_LINES,
} from '../../src/data/index.js';
import type { DType } from '../../src/data/index.js';
import { firstDifference } from '../support/firstDifference.js';
import { refusal } from './helpers.js';

const open = (bytes: Uint8Array) => openArrays(memorySource('run.dat', bytes));
const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe('openArrays', () => {
  it('goes by content, not by name', async () => {
    const array = { name: 'a', shape: [1], dtype: 'float32', values: [1] } as const;
    expect((await open(encodeNpy([1], [1], 'float32'))).format).toBe('npy');
    expect((await open(encodeNpz([array]))).format).toBe('npz');
    expect((await open(encodeSafetensors([array]))).format).toBe('safetensors');
  });

  it('takes a safetensors header of 640 bytes for what it is, though it begins like a pickle', async () => {
    let name = 'a';
    for (;;) {
      const bytes = encodeSafetensors([{ name, shape: [1], dtype: 'float32', values: [1] }]);
      if (bytes[0] === 0x80 && bytes[1] === 2) {
        expect((await open(bytes)).format).toBe('safetensors');
        return;
      }
      name += 'aaaaaaaa';
    }
  });

  it.each([
    ['an empty file', new Uint8Array(0), /an empty file/],
    ['HDF5', new Uint8Array([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0]), /HDF5/],
    ['MATLAB', text('MATLAB 5.0 MAT-file, Platform: GLNXA64'), /MATLAB.*scipy/],
    ['gzip', new Uint8Array([0x1f, 0x8b, 8, 0]), /gzip/],
    ['text', text('0.1,0.2,0.3\n'), /begins "0\.1,0\.2,"/],
    ['one byte', new Uint8Array([0x93]), /begins/],
  ])('refuses %s', async (_, bytes, message) => {
    const error = await refusal(() => open(bytes));
    expect(error.message).toMatch(/^run\.dat: an npy, npz, safetensors or torch\.save file, got /);
    expect(error.message).toMatch(message);
  });

  it.each([
    ['a pickle', new Uint8Array([0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20])],
    ['a pickle of protocol 4', new Uint8Array([0x80, 4, 0x95, 1, 2, 3])],
  ])('refuses %s with the Python that writes an npz', async (_, bytes) => {
    const error = await refusal(() => open(bytes));
    for (const line of PYTORCH_EXPORT_LINES) expect(error.hint).toContain(line);
  });
});

describe('integers', () => {
  const labels = async (values: readonly number[], shape: readonly number[], dtype: DType) =>
    integers(await (await open(encodeNpy(values, shape, dtype))).get('array'));

  it('reads integers, and floats that are integers', async () => {
    for (const dtype of ['int64', 'int32', 'uint8', 'float64', 'float32', 'float16'] as const)
      for (const shape of [[3], [3, 1], [1, 3]])
        expect(await labels([0, 2, 1], shape, dtype)).toEqual(new Int32Array([0, 2, 1]));
    expect(await labels([-0], [1], 'float64')).toEqual(new Int32Array([0]));
    expect((await labels([], [0], 'int64')).length).toBe(0);
    const many = Array.from({ length: 600_000 }, (_, i) => i % 17);
    const read = await labels(many, [many.length], 'uint8');
    expect(read).toBeInstanceOf(Int32Array);
    expect(firstDifference(read, many)).toBeNull();
  });

  it('names the first value that is not one', async () => {
    expect((await refusal(() => labels([0, 1, 0.5, 0.25], [4], 'float32'))).message).toBe(
      'run.dat: integer labels, got 0.5 at index 2',
    );
    expect((await refusal(() => labels([0, NaN], [2], 'float64'))).message).toMatch(/got NaN at index 1/);
    expect((await refusal(() => labels([0, 2 ** 31], [2], 'int64'))).message).toMatch(
      /2147483648 at index 1/,
    );
    expect((await refusal(() => labels([1, 0, 0, 1], [2, 2], 'int64'), 'dimension')).message).toMatch(
      /one-hot/,
    );
    await refusal(() => labels([1], [], 'int64'), 'dimension');
  });
});
