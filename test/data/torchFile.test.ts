/** Files of torch.save: those of PyTorch 1.13 and 2.15 (`test/cases/torch/make.py`), and hostile ones. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { createRandom } from '../../src/core/random.js';
import { memorySource, openArrays, type ArrayFile } from '../../src/data/index.js';
import { readPickle, textKeys, type PickleNames, type PickleValue } from '../../src/data/pickle.js';
import { rawZip, refusal } from './helpers.js';

const bytesOf = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../cases/torch/${name}.pt`, import.meta.url)));
const open = (name: string): Promise<ArrayFile> => openArrays(memorySource(`${name}.pt`, bytesOf(name)));
const numbers = async (file: ArrayFile, name: string) => Array.from(await (await file.get(name)).all());
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

describe.each(['1.13', '2.15'])('a file of PyTorch %s', (tag) => {
  it('gives every type and view with its numbers', async () => {
    const file = await open(`dtypes-${tag}`);
    expect(file.format).toBe('pt');
    // numpy: arange(24).reshape(4, 6) and what was made of it.
    for (const name of ['f16', 'bf16', 'f64', 'i64', 'i32', 'i16', 'i8', 'u8', 'shared']) {
      expect((await file.get(name)).shape).toEqual([4, 6]);
      expect(await numbers(file, name)).toEqual(upTo(24));
    }
    expect(await numbers(file, 'bool')).toEqual(upTo(24).map((i) => (i > 11 ? 1 : 0)));
    expect((await file.get('T')).shape).toEqual([6, 4]);
    expect(await numbers(file, 'T')).toEqual(upTo(24).map((i) => (i % 4) * 6 + Math.floor(i / 4)));
    expect(await numbers(file, 'slice')).toEqual([6, 8, 10, 12, 14, 16, 18, 20, 22]);
    expect(await numbers(file, 'row')).toEqual([12, 13, 14, 15, 16, 17]);
    expect(await numbers(file, 'scalar')).toEqual([2.5]);
    expect((await file.get('empty')).shape).toEqual([0, 3]);
    expect(await numbers(file, 'param')).toEqual(upTo(12));
    // cube[i, j, k] = 12·j + 4·k + i.
    expect((await file.get('cube')).shape).toEqual([4, 2, 3]);
    const cube = upTo(24).map((at) => 12 * (Math.floor(at / 3) % 2) + 4 * (at % 3) + Math.floor(at / 6));
    expect(await numbers(file, 'cube')).toEqual(cube);
    const part = await (await file.get('cube')).rows(1, 2);
    expect(Array.from(part)).toEqual(cube.slice(6, 18));
    expect(Array.from(await (await file.get('T')).rows(2, 3))).toEqual([
      2, 8, 14, 20, 3, 9, 15, 21, 4, 10, 16, 22,
    ]);
  });

  it('says what it cannot read where it is asked for, and reads the rest', async () => {
    const file = await open(`dtypes-${tag}`);
    expect((await refusal(() => file.get('complex'))).message).toContain('ComplexFloatStorage');
    expect((await refusal(() => file.get('expanded'))).message).toMatch(
      /shape \(5, 2\); save it with \.clone\(\)/,
    );
    expect((await refusal(() => file.get('f'), 'argument')).message).toContain('it holds T, slice');
  });

  it('names tensors by the keys that lead to them', async () => {
    const file = await open(`network-${tag}`);
    expect(file.names).toEqual(['features', 'labels', 'model.fc.weight', 'model.fc.bias', 'list', 'tuple']);
    expect(Object.fromEntries(file.metadata)).toEqual({
      ...{ epoch: '7', lr: '0.1', note: 'words', flag: 'true', big: String(2 ** 40) },
    });
    expect(await numbers(file, 'tuple')).toEqual([1, 2.5]);
    expect((await open(`state-dict-${tag}`)).names).toEqual(['fc.weight', 'fc.bias']);
    expect(await numbers(file, 'model.fc.bias')).toEqual([0.25, -0.5, 0.125]);
    const bare = await open(`bare-${tag}`);
    expect(bare.names).toEqual(['array']);
    expect(await numbers(bare, 'array')).toEqual(await numbers(file, 'features'));
  });

  it('refuses a whole module by the first name that it would have to run', async () => {
    const { message } = await refusal(() => open(`module-${tag}`));
    expect(message).toMatch(
      /Python object "torch\.nn\.modules\.container\.Sequential" \(nothing of it was run\)/,
    );
    expect(message).toContain('state_dict()');
  });
});

it('reads types that PyTorch 2 added, and names those of 8 bits', async () => {
  const file = await open('new-2.15');
  expect(await numbers(file, 'u16')).toEqual([0, 1, 2, 3, 4]);
  expect(await numbers(file, 'f')).toEqual(upTo(24));
  expect((await refusal(() => file.get('f8'))).message).toContain('torch.float8_e4m3fn');
});

it('names the format before PyTorch 1.6', async () => {
  expect((await refusal(() => open('legacy-1.13'))).message).toContain('before PyTorch 1.6');
});

describe('pickles', () => {
  const names: PickleNames = { calls: new Map(), names: new Set(), hint: 'save it otherwise' };
  const read = (bytes: ArrayLike<number>, allowed = names): PickleValue =>
    readPickle(Uint8Array.from(bytes), 'x', allowed);
  const fromText = (text: string) => read(Buffer.from(text, 'latin1'));

  it('of protocol 2 of both Pythons, and 5', () => {
    // pickle.dumps({'a': [1, -2, 2.5, None, True], 3: (b'\x00\xff',)}, 2) and 5, of Python 3.11.
    const second =
      '\x80\x02}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00N\x88eK\x03c_codecs\nencode\nq\x03X\x03\x00\x00\x00\x00\xc3\xbfq\x04X\x06\x00\x00\x00latin1q\x05\x86q\x06Rq\x07\x85q\x08u.';
    const fifth =
      '\x80\x05\x95&\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x01a\x94]\x94(K\x01J\xfe\xff\xff\xffG@\x04\x00\x00\x00\x00\x00\x00N\x88eK\x03C\x02\x00\xff\x94\x85\x94u.';
    for (const text of [second, fifth]) {
      const dict = textKeys(fromText(text));
      expect(dict?.get('a')).toEqual([1, -2, 2.5, null, true]);
      expect(dict?.get('3')).toEqual([Uint8Array.of(0, 255)]);
    }
    // cPickle of Python 2: {'data': 'ab'} with byte strings.
    expect(textKeys(fromText('\x80\x02}q\x01U\x04dataq\x02U\x02abq\x03s.'))?.get('data')).toEqual(
      Uint8Array.of(97, 98),
    );
    // pickle.dumps([2**70, -2**70, -1], 2)
    expect(
      fromText(
        '\x80\x02]q\x00(\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00@\x8a\t\x00\x00\x00\x00\x00\x00\x00\x00\xc0J\xff\xff\xff\xffe.',
      ),
    ).toEqual([2n ** 70n, -(2n ** 70n), -1]);
  });

  it('call nothing but what is listed', () => {
    const attack = '\x80\x02cposix\nsystem\nX\x02\x00\x00\x00ls\x85R.';
    expect(() => fromText(attack)).toThrow(
      /Python object "posix\.system" \(nothing of it was run\); save it otherwise/,
    );
    expect(() => fromText('\x80\x04\x8c\x05posix\x8c\x06system\x93.')).toThrow(/posix\.system/);
    const calls = new Map([['a.b', (args: readonly PickleValue[]) => args.length]]);
    expect(read(Buffer.from('\x80\x02ca\nb\nK\x07K\x08\x86R.', 'latin1'), { ...names, calls })).toBe(2);
  });

  it('that hold one another are not walked without end', async () => {
    // a list that holds itself, and thirty lists each holding the one before twice.
    const loop = [0x80, 2, 0x5d, 0x71, 0, 0x68, 0, 0x61, 0x2e];
    const laughs = [0x80, 2, 0x5d];
    for (let i = 0; i < 30; i++) laughs.push(0x71, i, 0x30, 0x68, i, 0x68, i, 0x86);
    for (const pickle of [loop, [...laughs, 0x2e]]) {
      const zip = rawZip([{ name: 'x/data.pkl', data: Uint8Array.from(pickle) }]);
      expect((await refusal(() => openArrays(memorySource('x', zip)))).message).toMatch(
        /at most 100000 values in 32 levels/,
      );
    }
  });

  it('that are damaged anywhere are refused in one line, or read', async () => {
    const random = createRandom(5);
    const plain = bytesOf('network-1.13');
    const start = Buffer.from(plain).indexOf('features') - 60;
    let refused = 0;
    for (let trial = 0; trial < 600; trial++) {
      const bytes = plain.slice();
      for (let i = 0; i < 1 + (trial % 4); i++)
        bytes[start + Math.floor(random.uniform() * 560)] = Math.floor(random.uniform() * 256);
      try {
        const file = await openArrays(memorySource('x', bytes));
        for (const name of file.names) await (await file.get(name)).all();
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });

  it('that claim what is not there: views beyond their storage', async () => {
    const random = createRandom(7);
    // The same pickle, its checksum mended, with single bytes changed: the machine itself is met.
    const pickle = pickleOf(bytesOf('dtypes-1.13'));
    let refused = 0;
    for (let trial = 0; trial < 1500; trial++) {
      const data = pickle.slice();
      data[2 + Math.floor(random.uniform() * (data.length - 3))] = Math.floor(random.uniform() * 256);
      const members = [{ name: 'x/data.pkl', data }];
      for (let key = 0; key < 16; key++) members.push({ name: `x/data/${key}`, data: new Uint8Array(192) });
      try {
        const file = await openArrays(memorySource('x', rawZip(members)));
        for (const name of file.names)
          await file.get(name).then(
            (entry) => entry.all(),
            (error: unknown) => {
              if (!(error instanceof InputError)) throw error;
            },
          );
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(300);
  });
});

/** The pickle in a file of PyTorch 1.13, which stores it as it is. */
function pickleOf(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes);
  const nameLength = buffer.readUInt16LE(26);
  const from = 30 + nameLength + buffer.readUInt16LE(28);
  const end = buffer.indexOf(Buffer.from('PK\x07\x08', 'latin1'), from);
  return new Uint8Array(buffer.subarray(from, end));
}
