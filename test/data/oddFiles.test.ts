/** Files that are not what they seem, or hold something unusual beside what is wanted. */
import { describe, expect, it } from 'vitest';
import { openArrayFile } from '../../src/data/fileSource.node.js';
import { memorySource, openArrays, repeatedKey } from '../../src/data/index.js';
import { rawZip, refusal } from './helpers.js';

const path = (name: string) => new URL(`../cases/${name}`, import.meta.url).pathname;

describe('files that stand for others', () => {
  it.each([
    ['lfs.safetensors', 'got a pointer of Git LFS, not the file itself; fetch it with git lfs pull'],
    ['model.safetensors.index.json', 'got an index of the shards of a safetensors file, without the arrays themselves; give the shard, "model-00001-of-00002.safetensors"'], // prettier-ignore
    [
      'safetensors-duplicate-key.safetensors',
      'a safetensors header with each key once, got "features" twice',
    ],
  ])('%s is named', async (name, words) => {
    expect((await refusal(() => openArrayFile(path(name)))).message).toContain(words);
  });

  it('names several shards, and other JSON as JSON', async () => {
    const open = (text: string) => openArrays(memorySource('x.json', new TextEncoder().encode(text)));
    const map = { a: 'x-1', b: 'x-2', c: 'x-1' };
    expect((await refusal(() => open(JSON.stringify({ weight_map: map })))).message).toContain(
      'the arrays are in "x-1", "x-2"; write those that are wanted',
    );
    expect((await refusal(() => open('{"weight_map": [1]}'))).message).toContain('got a JSON file');
    expect((await refusal(() => open(' {"a": 1'))).message).toContain('got a JSON file');
  });
});

describe('unusual types', () => {
  it('of a tensor that nobody asks for do not spoil the file', async () => {
    const file = await openArrayFile(path('fnuz.safetensors'));
    expect((await file.get('features')).shape).toEqual([24, 5]);
    expect((await refusal(() => file.get('scale'))).message).toContain('got "F8_E4M3FNUZ"');
    await file.close();
  });

  it('bfloat16 as NumPy writes it is named, with what to do', async () => {
    const file = await openArrayFile(path('bf16V2.npz'));
    expect((await refusal(() => file.get('features'))).message).toMatch(
      /bfloat16: convert in PyTorch with \.float\(\)/,
    );
    await file.close();
  });
});

describe('arrays of text', () => {
  const npy = (descr: string, count: number, data: Uint8Array): Uint8Array => {
    const header = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${count},), }`.padEnd(117) + '\n';
    const start = Uint8Array.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
    return new Uint8Array(Buffer.concat([start, Buffer.from(header, 'latin1'), data]));
  };
  const words = async (descr: string, count: number, data: Uint8Array): Promise<string[] | null> => {
    const file = await openArrays(
      memorySource('x.npz', rawZip([{ name: 'a.npy', data: npy(descr, count, data) }])),
    );
    const entry = await file.words('a');
    return entry === null ? null : entry.read(0, entry.itemCount);
  };
  const utf32 = (text: string, width: number, big = false): Uint8Array => {
    const view = new DataView(new ArrayBuffer(4 * width));
    Array.from(text).forEach((character, i) => {
      view.setUint32(4 * i, character.codePointAt(0) ?? 0, !big);
    });
    return new Uint8Array(view.buffer);
  };

  it('are read as NumPy writes them: UTF-32 of both orders, and bytes', async () => {
    const texts = ['é', '猫cat', '😀', ''];
    const little = Buffer.concat(texts.map((text) => utf32(text, 4)));
    expect(await words('<U4', 4, little)).toEqual(texts);
    expect(await words('>U4', 4, Buffer.concat(texts.map((text) => utf32(text, 4, true))))).toEqual(texts);
    expect(await words('|S3', 2, new Uint8Array([97, 98, 0, 0xc3, 0xa9, 0]))).toEqual(['ab', 'é']);
    expect(await words('<f8', 1, new Uint8Array(8))).toBeNull();
  });

  it.each([
    ['<U4', 2, 16, /32 bytes for text of shape \(2,\), got 16/],
    ['<U1000000', 0, 0, /words of at most 256 characters/],
    ['|S2', 1, 2, /text in UTF-8, got other bytes at index 0/],
    ['<U1', 1, 4, /text in UTF-32/],
  ])('%s of %i items in %i bytes is refused', async (descr, count, bytes, message) => {
    expect((await refusal(() => words(descr, count, new Uint8Array(bytes).fill(255)))).message).toMatch(
      message,
    );
  });
});

describe('repeatedKey', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":["a","a"]}', null],
    ['{"a":1,"a":2}', 'a'],
    ['{"a":1,"\\u0061":2}', 'a'],
    ['[{"x":"{\\"y\\":1,\\"y\\":2}"}]', null],
    ['{"k":[1,2,{"z":[],"z":{}}]}', 'z'],
    ['{"a":"b","b":"a"}', null],
    ['[]', null],
  ])('%s: %s', (text, key) => {
    JSON.parse(text);
    expect(repeatedKey(text)).toBe(key);
  });

  it('takes any nesting', () => {
    expect(repeatedKey('['.repeat(1e5) + ']'.repeat(1e5))).toBeNull();
  });
});
