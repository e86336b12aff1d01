/** Files on disk: our own, NumPy's, PyTorch's, and the real ones beside the repository. */
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openArrayFile, openFileSource } from '../../src/data/fileSource.node.js';
import { encodeNpz, encodeSafetensors, integers, PYTORCH_EXPORT_LINES } from '../../src/data/index.js';
import { inFolder, python, pythonHas, refusal } from './helpers.js';

describe('files on disk', () => {
  it('are read by range and closed', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'x.npz');
      writeFileSync(path, encodeNpz([{ name: 'a', shape: [2, 2], dtype: 'float64', values: [1, 2, 3, 4] }]));
      const file = await openArrayFile(path);
      const a = await file.get('a');
      expect(await a.rows(1, 1)).toEqual(new Float64Array([3, 4]));
      await file.close();
      await refusal(() => a.rows(0, 1), 'file');
    });
  });

  it('are refused when missing, a directory, not a file, or shortened while open', async () => {
    await inFolder(async (folder) => {
      expect((await refusal(() => openArrayFile(join(folder, 'no.npz')), 'file')).message).toMatch(/no file/);
      expect((await refusal(() => openArrayFile(folder), 'file')).message).toMatch(/a directory/);
      await refusal(() => openArrayFile(join(folder, 'a\u0000b')), 'file');
      if (existsSync('/dev/null')) await refusal(() => openArrayFile('/dev/null'), 'file');
      const path = join(folder, 'x.bin');
      writeFileSync(path, new Uint8Array(100));
      await refusal(() => openArrayFile(path));
      const source = await openFileSource(path);
      writeFileSync(path, new Uint8Array(10));
      expect((await refusal(() => source.read(0, 100))).message).toMatch(/become shorter/);
      await source.close();
    });
  });
});

describe.skipIf(!pythonHas('numpy'))('NumPy', () => {
  const kinds = [
    'f2',
    'f4',
    'f8',
    'i1',
    'i2',
    'i4',
    'i8',
    'u1',
    'u2',
    'u4',
    'u8',
    '?',
    '>f4',
    '>f8',
    '>i4',
    '>i8',
    '>u2',
  ];

  it('writes what we read', async () => {
    await inFolder(async (folder) => {
      python(
        folder,
        'import numpy as np',
        'arrays = {}',
        `for kind in ${JSON.stringify(kinds)}:`,
        '    base = (np.arange(24) % 2 if kind == "?" else np.arange(24)).astype(kind)',
        '    arrays["c" + kind] = base.reshape(2, 3, 4)',
        '    arrays["f" + kind] = np.asfortranarray(base.reshape(6, 4))',
        '    arrays["s" + kind] = base[7]',
        '    arrays["e" + kind] = base[:0]',
        'np.savez("plain.npz", **arrays)',
        'np.savez_compressed("packed.npz", **arrays)',
        'np.save("one.npy", arrays["f>f8"])',
        'np.save("objects.npy", np.array([{}, None]), allow_pickle=True)',
        'np.savez("mixed.npz", good=np.ones(2), bad=np.array(["a"]), z=np.ones(2) * 1j)',
      );
      const wanted = Float64Array.from({ length: 24 }, (_, i) => i);
      for (const path of ['plain.npz', 'packed.npz']) {
        const file = await openArrayFile(join(folder, path));
        expect(file.names.length).toBe(4 * kinds.length);
        for (const kind of kinds) {
          const values = kind === '?' ? wanted.map((value) => value % 2) : wanted;
          const c = await file.get(`c${kind}`);
          expect(c.shape).toEqual([2, 3, 4]);
          expect(await c.all()).toEqual(values);
          expect([...(await c.rows(1, 1))]).toEqual([...values.subarray(12)]);
          const f = await file.get(`f${kind}`);
          expect([...(await f.rows(2, 3))]).toEqual([...values.subarray(8, 20)]);
          expect(await (await file.get(`s${kind}`)).all()).toEqual(values.slice(7, 8));
          expect((await (await file.get(`e${kind}`)).all()).length).toBe(0);
        }
        await file.close();
      }
      const one = await openArrayFile(join(folder, 'one.npy'));
      expect(await (await one.get('array')).all()).toEqual(wanted);
      await one.close();
      expect((await refusal(() => openArrayFile(join(folder, 'objects.npy')))).message).toMatch(
        /Python objects/,
      );
      const mixed = await openArrayFile(join(folder, 'mixed.npz'));
      expect(await (await mixed.get('good')).all()).toEqual(new Float64Array([1, 1]));
      expect((await refusal(() => mixed.get('bad'))).message).toMatch(/mixed\.npz\[bad\].*text/);
      expect((await refusal(() => mixed.get('z'))).message).toMatch(/complex/);
      await mixed.close();
    });
  });

  it('reads what we write', async () => {
    await inFolder((folder) => {
      writeFileSync(
        join(folder, 'ours.npz'),
        encodeNpz([
          { name: 'features', shape: [2, 3], dtype: 'float32', values: [0.5, 1, 2, 3, 4, 5] },
          { name: 'labels', shape: [2], dtype: 'int64', values: [-1, 2 ** 40] },
          { name: 'scalar', shape: [], dtype: 'float16', values: [1.5] },
        ]),
      );
      const printed = python(
        folder,
        'import numpy as np, zipfile',
        'print(zipfile.ZipFile("ours.npz").testzip())',
        'data = np.load("ours.npz")',
        'print([(k, data[k].dtype.str, data[k].shape, data[k].tolist()) for k in data])',
      );
      expect(printed).toBe(
        "None\n[('features', '<f4', (2, 3), [[0.5, 1.0, 2.0], [3.0, 4.0, 5.0]]), " +
          "('labels', '<i8', (2,), [-1, 1099511627776]), ('scalar', '<f2', (), 1.5)]\n",
      );
      return Promise.resolve();
    });
  });
});

describe.skipIf(!pythonHas('safetensors.numpy'))('the safetensors library', () => {
  it('reads what we write and writes what we read', async () => {
    await inFolder(async (folder) => {
      const ours = encodeSafetensors(
        [
          { name: 'W', shape: [1, 2], dtype: 'float64', values: [1, 2] },
          { name: 'n', shape: [3], dtype: 'int32', values: [1, 2, 3] },
        ],
        { step: '1' },
      );
      writeFileSync(join(folder, 'ours.safetensors'), ours);
      python(
        folder,
        'from safetensors.numpy import load_file, save_file',
        'save_file(load_file("ours.safetensors"), "theirs.safetensors")',
      );
      const file = await openArrayFile(join(folder, 'theirs.safetensors'));
      expect(await (await file.get('n')).all()).toEqual(new Float64Array([1, 2, 3]));
      await file.close();
    });
  });
});

describe.skipIf(!pythonHas('torch'))('PyTorch', () => {
  it('writes an npz with the lines we give and a file that is read as it is; its pickles of before 1.6 are refused', async () => {
    await inFolder(async (folder) => {
      const setup = [
        'import torch',
        'features, labels = torch.ones(4, 3, requires_grad=True), torch.tensor([0, 1, 1, 0])',
        'head = torch.nn.Sequential(torch.nn.Linear(3, 5, bias=False), torch.nn.Linear(5, 2))',
        'torch.save(head.state_dict(), "new.pt")',
        'torch.save(head.state_dict(), "old.pt", _use_new_zipfile_serialization=False)',
      ];
      python(folder, ...setup, ...PYTORCH_EXPORT_LINES);
      const file = await openArrayFile(join(folder, 'network.npz'));
      expect(file.names).toEqual(['features', 'labels', 'W1', 'W2', 'b2']);
      expect((await file.get('W1')).shape).toEqual([5, 3]);
      expect((await file.get('W2')).shape).toEqual([2, 5]);
      expect(await integers(await file.get('labels'))).toEqual(new Int32Array([0, 1, 1, 0]));
      await file.close();
      // As the one line of the error message, too.
      python(folder, `${setup.join('; ')}; head = list(head)[:1]; ${PYTORCH_EXPORT_LINES.join('; ')}`);
      const short = await openArrayFile(join(folder, 'network.npz'));
      expect(short.names).toEqual(['features', 'labels', 'W1']);
      const weights = await (await short.get('W1')).all();
      await short.close();
      const state = await openArrayFile(join(folder, 'new.pt'));
      expect(state.names).toEqual(['0.weight', '1.weight', '1.bias']);
      expect(await (await state.get('0.weight')).all()).toEqual(weights);
      await state.close();
      const refused = await refusal(() => openArrayFile(join(folder, 'old.pt')));
      expect(refused.hint).toContain('numpy.savez');
    });
  });
});

const shared = resolve(import.meta.dirname, '../../../shared');
for (const folder of ['golden', 'features']) {
  const path = join(shared, folder);
  const names = existsSync(path) ? readdirSync(path).filter((name) => name.endsWith('.npz')) : [];
  if (names.length === 0) console.warn(`skipped: no files in ${path}`);
  describe.skipIf(names.length === 0)(`the real files of shared/${folder}`, () => {
    it.each(names)('%s', async (name) => {
      const file = await openArrayFile(join(path, name));
      const labels = await integers(await file.get('labels'));
      const W1 = await file.get('W1');
      for (const array of file.names)
        expect((await (await file.get(array)).all()).every(Number.isFinite)).toBe(true);
      if (folder === 'golden') {
        // H: d×N, columns are samples.
        expect((await file.get('H')).shape).toEqual([W1.shape[1], labels.length]);
      } else {
        expect((await file.get('features')).shape).toEqual([labels.length, W1.shape[1]]);
        // The last weight times the features of a linear head gives the logits that were saved with them.
        await logitsAgree(file);
      }
      await file.close();
    });
  });
}

async function logitsAgree(file: Awaited<ReturnType<typeof openArrayFile>>): Promise<void> {
  let x = [...(await (await file.get('features')).rows(17, 1))];
  for (let m = 1; file.has(`W${m}`); m++) {
    const W = await file.get(`W${m}`);
    const values = await W.all();
    const inputs = x;
    x = Array.from({ length: W.rowCount }, (_, i) =>
      inputs.reduce((sum, value, j) => sum + values[i * W.rowLength + j] * value, 0),
    );
  }
  if (file.has('b')) {
    const b = await (await file.get('b')).all();
    x = x.map((value, i) => value + b[i]);
  }
  const logits = await (await file.get('logits')).rows(17, 1);
  // float32 sums of some hundred terms of order one.
  x.forEach((value, i) => {
    expect(Math.abs(value - logits[i])).toBeLessThan(1e-4);
  });
}
