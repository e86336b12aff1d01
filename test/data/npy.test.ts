import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DType, encodeItems } from '../../src/data/dtypes.js';
import { encodeNpy, memorySource, openArrays } from '../../src/data/index.js';
import { countingSource, refusal } from './helpers.js';

/** An npy file by hand: any header text, any data. */
function rawNpy(header: string, data: Uint8Array, version = 1): Uint8Array {
  const text = Buffer.from(header, version < 3 ? 'latin1' : 'utf8');
  const start = Buffer.from([
    0x93,
    0x4e,
    0x55,
    0x4d,
    0x50,
    0x59,
    version,
    0,
    text.length & 255,
    text.length >> 8,
  ]);
  return new Uint8Array(Buffer.concat([start, Buffer.alloc(version > 1 ? 2 : 0), text, data]));
}

const header = (descr: string, shape: string, fortran = 'False'): string =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }\n`;

const open = async (bytes: Uint8Array) => (await openArrays(memorySource('x.npy', bytes))).get('array');

const CODES: readonly (readonly [string, DType, readonly number[]])[] = [
  ['f2', 'float16', [1, -2.5, 65504, 2 ** -24, 0]],
  ['f4', 'float32', [1, -2.5, Math.fround(0.1), Math.fround(1e-40), 3e38].map(Math.fround)],
  ['f8', 'float64', [1, -2.5, 0.1, 5e-324, 1e308]],
  ['i1', 'int8', [0, 1, -1, 127, -128]],
  ['i2', 'int16', [0, 1, -1, 32767, -32768]],
  ['i4', 'int32', [0, 1, -1, 2 ** 31 - 1, -(2 ** 31)]],
  ['i8', 'int64', [0, -1, 2 ** 32 + 5, 2 ** 53 - 1, -(2 ** 53) + 1]],
  ['u1', 'uint8', [0, 1, 127, 128, 255]],
  ['u2', 'uint16', [0, 1, 256, 32768, 65535]],
  ['u4', 'uint32', [0, 1, 65536, 2 ** 31, 2 ** 32 - 1]],
  ['u8', 'uint64', [0, 1, 2 ** 32, 2 ** 40 + 3, 2 ** 53 - 1]],
  ['b1', 'bool', [0, 1, 1, 0, 1]],
];

describe('npy', () => {
  it('reads a file written out by hand', async () => {
    // What numpy.save writes for np.array([[1, 2], [3, 4]], '<f4'), down to the padding to 128 bytes.
    const dict = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }";
    const golden = Buffer.concat([
      Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]),
      Buffer.from(`${dict.padEnd(117)}\n`),
      Buffer.from('0000803f000000400000404000008040', 'hex'),
    ]);
    const entry = await open(new Uint8Array(golden));
    expect(entry.shape).toEqual([2, 2]);
    expect(await entry.rows(0, 2)).toEqual(new Float32Array([1, 2, 3, 4]));
    expect(await entry.rows(1, 1)).toEqual(new Float32Array([3, 4]));
    expect(encodeNpy([1, 2, 3, 4], [2, 2], 'float32')).toEqual(new Uint8Array(golden));
  });

  it.each(CODES)('%s: both byte orders and the writer', async (code, dtype, values) => {
    const little = encodeItems(values, dtype, 'test');
    const big = new Uint8Array(little);
    const size = little.length / values.length;
    for (let at = 0; at < big.length; at += size) big.subarray(at, at + size).reverse();
    const marks = size === 1 ? ['|'] : ['<', '>', '='];
    for (const mark of marks) {
      const entry = await open(rawNpy(header(mark + code, '(5,)'), mark === '>' ? big : little));
      expect(entry.dtype).toBe(dtype);
      const read = await entry.rows(0, 5);
      expect(read).toBeInstanceOf(code === 'f2' || code === 'f4' ? Float32Array : Float64Array);
      expect([...read]).toEqual(values);
      expect(await entry.all()).toEqual(Float64Array.from(values));
    }
    expect([...(await (await open(encodeNpy(values, [5], dtype))).all())]).toEqual(values);
  });

  it('knows every float16 and bfloat16', () => {
    for (const dtype of ['float16', 'bfloat16'] as const) {
      for (let bits = 0; bits < 65536; bits += 7) {
        const value =
          dtype === 'float16' ? half(bits) : new Float32Array(new Uint32Array([bits << 16]).buffer)[0];
        if (Number.isNaN(value)) continue;
        const encoded = encodeItems([value], dtype, 'test');
        expect(encoded[0] + 256 * encoded[1]).toBe(bits);
      }
    }
    // Ties to even, and overflow to infinity from half a step above the largest.
    const rounded = (value: number): number => {
      const [low, high] = encodeItems([value], 'float16', 'test');
      return half(low + 256 * high);
    };
    expect([2049, 2051, 65519, 65520, 2 ** -25, 3 * 2 ** -26].map(rounded)).toEqual([
      2048,
      2052,
      65504,
      Infinity,
      0,
      2 ** -24,
    ]);
  });

  it('reads any rows of any shape in C and Fortran order', async () => {
    const shapes = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(shapes, fc.boolean(), fc.nat(), fc.nat(), async (shape, fortran, a, b) => {
        const count = shape.reduce((x, y) => x * y, 1);
        const order = Float64Array.from({ length: count }, (_, i) => i);
        const file = new Float64Array(count);
        order.forEach((value, i) => (file[fortran ? fortranPlace(shape, i) : i] = value));
        const text = header('<f8', `(${shape.join(', ')},)`, fortran ? 'True' : 'False');
        const entry = await open(rawNpy(text, new Uint8Array(file.buffer)));
        const start = a % (shape[0] + 1);
        const rows = b % (shape[0] - start + 1);
        expect(entry.rowCount).toBe(shape[0]);
        expect(await entry.rows(start, rows)).toEqual(
          order.slice(start * entry.rowLength, (start + rows) * entry.rowLength),
        );
        expect(await entry.all()).toEqual(order);
      }),
    );
  });

  it('reads only the bytes of the rows asked for', async () => {
    const values = new Float32Array(1000 * 64);
    const source = countingSource(encodeNpy(values, [1000, 64], 'float32'));
    const entry = await (await openArrays(source)).get('array');
    const before = source.asked;
    await entry.rows(500, 10);
    expect(source.asked - before).toBe(10 * 64 * 4);
  });

  it('reads long Fortran columns a slice at a time', async () => {
    const [N, d] = [200_000, 3];
    const data = new Float32Array(N * d).map((_, i) => i);
    const text = header('<f4', `(${N}, ${d})`, 'True');
    const source = countingSource(rawNpy(text, new Uint8Array(data.buffer)));
    const entry = await (await openArrays(source)).get('array');
    const before = source.asked;
    const rows = await entry.rows(1000, 2);
    expect([...rows]).toEqual([1000, N + 1000, 2 * N + 1000, 1001, N + 1001, 2 * N + 1001]);
    expect(source.asked - before).toBe(2 * d * 4);
  });

  it('has rank 0 as one row of one number, and no rows', async () => {
    const one = await open(encodeNpy([7], [], 'float64'));
    expect([one.shape, one.rowCount, one.itemCount]).toEqual([[], 1, 1]);
    expect(await one.rows(0, 1)).toEqual(new Float64Array([7]));
    const none = await open(encodeNpy([], [0, 512], 'float32'));
    expect([none.rowCount, none.rowLength]).toEqual([0, 512]);
    expect(await none.all()).toEqual(new Float64Array(0));
  });

  it('accepts versions 2 and 3, Python 2 longs and double quotes', async () => {
    const data = new Uint8Array(24);
    for (const version of [1, 2, 3])
      expect((await open(rawNpy(header('<f8', '(3,)'), data, version))).itemCount).toBe(3);
    expect((await open(rawNpy(header('<f8', '(3L, 1L)'), data))).shape).toEqual([3, 1]);
    const quoted = '{"shape":(3,),"descr":"<f8","fortran_order":False}';
    expect((await open(rawNpy(quoted, data))).shape).toEqual([3]);
  });

  it.each([
    ['Python objects', header('|O', '(3,)'), /Python objects/],
    ['complex', header('<c16', '(3,)'), /complex/],
    ['text', header('<U5', '(3,)'), /text/],
    ['byte strings', header('|S5', '(3,)'), /byte strings/],
    ['dates', header('<M8[ns]', '(3,)'), /dates/],
    ['long doubles', header('<f16', '(3,)'), /another width/],
    ['records', "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (3,), }", /structured/],
    ['a call', "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3,), }", /header/],
    ['a missing key', "{'descr': '<f8', 'shape': (3,), }", /fortran_order/],
    ['an extra key', "{'descr': '<f8', 'fortran_order': False, 'shape': (3,), 'x': True}", /descr/],
    ['a key twice', "{'descr': '<f8', 'descr': '<f8', 'shape': (3,), }", /one "descr"/],
    ['more after it', `${header('<f8', '(3,)')}{}`, /nothing after/],
    ['a negative axis', header('<f8', '(-3,)'), /integers ≥ 0/],
    ['huge axes', header('<f8', '(4294967296, 4294967296)'), /2\^53/],
    ['a huge axis', header('<f8', '(99999999999999999999,)'), /integers ≥ 0/],
    ['many axes', header('<f8', `(${'1, '.repeat(40)})`), /axes/],
    ['a long file', header('<f8', '(2,)'), /16 bytes/],
    ['a truncated file', header('<f8', '(4,)'), /32 bytes/],
    ['a huge claim', header('<f8', '(1000000, 1000000)'), /8000000000000 bytes/],
  ])('refuses %s', async (_, text, message) => {
    expect((await refusal(() => open(rawNpy(text, new Uint8Array(24))))).message).toMatch(message);
  });

  it('refuses a header above 65535 bytes, another version and int64 beyond 2^53', async () => {
    const long = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 255, 255, 255, 255]);
    expect((await refusal(() => open(new Uint8Array(long)))).message).toMatch(/at most 65535/);
    await refusal(() => open(rawNpy(header('<f8', '(0,)'), new Uint8Array(0), 4)));
    const big = new Uint8Array(new BigInt64Array([1n, 2n ** 53n]).buffer);
    const entry = await open(rawNpy(header('<i8', '(2,)'), big));
    expect((await refusal(() => entry.rows(0, 2))).message).toMatch(/at index 1/);
  });

  it('refuses rows outside the array, and what the writer cannot write', async () => {
    const entry = await open(encodeNpy([1, 2, 3], [3], 'float64'));
    for (const [start, count] of [
      [0, 4],
      [3, 1],
      [-1, 1],
      [0.5, 1],
      [0, NaN],
    ])
      await refusal(() => entry.rows(start, count), 'argument');
    expect(() => encodeNpy([1.5], [1], 'int32')).toThrow(/integers/);
    expect(() => encodeNpy([256], [1], 'uint8')).toThrow(/0 to 255/);
    expect(() => encodeNpy([1, 2], [3], 'float32')).toThrow(/shape/);
    expect(() => encodeNpy([1], [1], 'bfloat16')).toThrow(/NumPy/);
  });
});

/** A binary16 by its definition. */
function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

/** Where the i-th number in C order lies in Fortran order. */
function fortranPlace(shape: readonly number[], index: number): number {
  const position: number[] = [];
  let rest = index;
  for (const axis of [...shape].reverse()) {
    position.unshift(rest % axis);
    rest = Math.floor(rest / axis);
  }
  let [at, stride] = [0, 1];
  shape.forEach((axis, k) => {
    at += position[k] * stride;
    stride *= axis;
  });
  return at;
}
