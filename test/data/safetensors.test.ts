import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DType, encodeSafetensors, memorySource, openArrays } from '../../src/data/index.js';
import { countingSource, readAll, refusal } from './helpers.js';

const source = (bytes: Uint8Array) => memorySource('x.safetensors', bytes);

/** A safetensors file by hand. */
function raw(header: string, dataLength: number, declaredLength?: bigint): Uint8Array {
  const text = Buffer.from(header);
  const bytes = new Uint8Array(8 + text.length + dataLength);
  new DataView(bytes.buffer).setBigUint64(0, declaredLength ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const tensor = (begin: unknown, end: unknown, shape: unknown = [2], dtype: unknown = 'F32') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

const RANGES: readonly (readonly [DType, fc.Arbitrary<number>])[] = [
  ['float64', fc.double()],
  ['float32', fc.float()],
  ['float16', fc.integer({ min: -2048, max: 2048 })],
  ['bfloat16', fc.integer({ min: -256, max: 256 })],
  ['int64', fc.maxSafeInteger()],
  ['int32', fc.integer()],
  ['int16', fc.integer({ min: -32768, max: 32767 })],
  ['int8', fc.integer({ min: -128, max: 127 })],
  ['uint64', fc.maxSafeNat()],
  ['uint32', fc.nat()],
  ['uint16', fc.nat(65535)],
  ['uint8', fc.nat(255)],
  ['bool', fc.nat(1)],
];

describe('safetensors', () => {
  it('reads a file written out by hand', async () => {
    const bytes = raw('{"__metadata__":{"k":"v"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}  ', 8);
    bytes.set(Buffer.from('0000803f00000040', 'hex'), bytes.length - 8);
    const file = await openArrays(source(bytes));
    expect([file.format, file.names, [...file.metadata]]).toEqual(['safetensors', ['a'], [['k', 'v']]]);
    const a = await file.get('a');
    expect(await a.rows(0, 2)).toEqual(new Float32Array([1, 2]));
    expect((await refusal(() => file.get('b'), 'argument')).message).toMatch(/it holds a/);
  });

  it('writes what it reads, whatever the order, aligned to 8 bytes', async () => {
    const tensors = fc.uniqueArray(
      fc
        .tuple(fc.string({ unit: 'grapheme', maxLength: 6 }), fc.nat(RANGES.length - 1), fc.nat())
        .chain(([name, k, cut]) =>
          fc.array(RANGES[k][1], { maxLength: 12 }).map((values) => {
            const first = values.length % 2 === 0 && cut % 2 === 0 ? [2, values.length / 2] : [values.length];
            return { name, dtype: RANGES[k][0], shape: first, values };
          }),
        ),
      { selector: ({ name }) => name, maxLength: 6 },
    );
    await fc.assert(
      fc.asyncProperty(tensors, fc.dictionary(fc.string(), fc.string()), async (list, texts) => {
        const bytes = encodeSafetensors(list, texts);
        expect(encodeSafetensors([...list].reverse(), texts)).toEqual(bytes);
        expect(new DataView(bytes.buffer).getUint32(0, true) % 8).toBe(0);
        const file = await openArrays(source(bytes));
        expect(Object.fromEntries(file.metadata)).toEqual({ ...texts });
        for (const { name, shape, dtype, values } of list) {
          const entry = await file.get(name);
          expect([entry.shape, entry.dtype]).toEqual([shape, dtype]);
          // Integer types have no −0.
          const wanted = dtype.includes('float') ? values : values.map((value) => value + 0);
          expect(await entry.all()).toEqual(Float64Array.from(wanted));
        }
      }),
    );
  });

  it('reads only the rows asked for', async () => {
    const values = new Float64Array(1000 * 10);
    const counted = countingSource(
      encodeSafetensors([{ name: 'H', shape: [1000, 10], dtype: 'float64', values }]),
    );
    const entry = await (await openArrays(counted)).get('H');
    const before = counted.asked;
    await entry.rows(3, 7);
    expect(counted.asked - before).toBe(7 * 10 * 8);
  });

  it.each([
    ['overlap', { a: tensor(0, 8), b: tensor(4, 12) }, 12, /\[b\].*overlap/],
    ['the same bytes twice', { a: tensor(0, 8), b: tensor(0, 8) }, 8, /overlap/],
    ['a hole', { a: tensor(0, 8), b: tensor(12, 20) }, 20, /holes/],
    ['a hole at the start', { a: tensor(8, 16) }, 16, /holes/],
    ['bytes after the tensors', { a: tensor(0, 8) }, 9, /8 bytes of tensors/],
    ['a truncated file', { a: tensor(0, 8) }, 7, /8 bytes of tensors/],
    ['another byte range than the shape', { a: tensor(0, 8, [3]) }, 8, /12 bytes/],
    ['an end before the beginning', { a: tensor(8, 0) }, 8, /begin ≤ end/],
    ['a negative offset', { a: tensor(-8, 0) }, 8, /integers/],
    ['a fraction as offset', { a: tensor(0, 8.5) }, 8, /integers/],
    ['one offset', { a: { dtype: 'F32', shape: [2], data_offsets: [0] } }, 8, /two numbers/],
    ['no offsets', { a: { dtype: 'F32', shape: [2] } }, 8, /two numbers/],
    ['another field', { a: { ...tensor(0, 8), x: 1 } }, 8, /only, got "x"/],
    ['an unknown dtype', { a: tensor(0, 8, [2], 'Q7') }, 8, /integers or bool, got "Q7"/],
    ['a dtype that is no text', { a: tensor(0, 8, [2], 7) }, 8, /a dtype, got 7/],
    ['a shape that is no list', { a: tensor(0, 8, 2) }, 8, /a shape, got 2/],
    ['a negative axis', { a: tensor(0, 8, [-2]) }, 8, /≥ 0/],
    ['a huge shape', { a: tensor(0, 8, [2 ** 40, 2 ** 40]) }, 8, /2\^53/],
    ['a shape of lists', { a: tensor(0, 8, [[2]]) }, 8, /≥ 0/],
    ['metadata that is no text', { __metadata__: { x: 1 } }, 0, /text for "x"/],
    ['metadata that is no object', { __metadata__: [] }, 0, /an object|a JSON object/],
    ['a tensor that is null', { a: null }, 0, /a JSON object, got null/],
  ])('refuses %s', async (_, header, dataLength, message) => {
    const bytes = raw(JSON.stringify(header), dataLength);
    expect((await refusal(() => readAll(source(bytes)))).message).toMatch(message);
  });

  it('refuses a huge header length, nesting without end, and JSON that is not', async () => {
    await refusal(() => readAll(source(raw('{}', 0, 2n ** 63n))));
    expect((await refusal(() => readAll(source(raw('{"a":1}', 0, 2n ** 23n))))).message).toMatch(
      /inside the file/,
    );
    await refusal(() => readAll(source(raw(`{"a":${'['.repeat(2e6)}${']'.repeat(2e6)}}`, 0))));
    await refusal(() =>
      readAll(
        source(
          raw(`{"a":{"dtype":"F32","shape":${'['.repeat(2e5)}${']'.repeat(2e5)},"data_offsets":[0,0]}}`, 0),
        ),
      ),
    );
    expect((await refusal(() => readAll(source(raw(`{"a":${'x'.repeat(100)}}`, 0))))).message).toContain(
      `a safetensors header that is JSON, got "{"a":${'x'.repeat(35)}"`,
    );
    await refusal(() => readAll(source(raw('{"a":"\xff', 0))));
  });

  it('lists a tensor of a type it does not read, and refuses it when asked for', async () => {
    const file = await openArrays(source(raw(JSON.stringify({ a: tensor(0, 4, [4], 'F8_E4M3') }), 4)));
    expect(file.names).toEqual(['a']);
    expect((await refusal(() => file.get('a'))).message).toMatch(/got "F8_E4M3"/);
  });

  it('refuses to write names twice and shapes that do not count', () => {
    const a = { name: 'a', shape: [1], dtype: 'float32', values: [1] } as const;
    expect(() => encodeSafetensors([a, a])).toThrow(/differ/);
    expect(() => encodeSafetensors([{ ...a, name: '__metadata__' }])).toThrow(/differ/);
    expect(() => encodeSafetensors([{ ...a, shape: [2] }])).toThrow(/shape/);
  });
});
