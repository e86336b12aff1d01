/** What the companion for PyTorch writes, whole, torn and damaged. */
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { memorySource, openArrays } from '../../src/data/index.js';
import { holdsMonitor, openMonitorFolder } from '../../src/runs/monitorFolder.node.js';
import { readEpochs, readManifest, readMonitorTensors, type MonitorManifest } from '../../src/runs/index.js';

const GOLDEN = new URL('../golden/monitor/run/', import.meta.url).pathname;
const text = await readFile(`${GOLDEN}collapsar.json`, 'utf8');
const lines = await readFile(`${GOLDEN}epochs.jsonl`, 'utf8');
const tensors = await readFile(`${GOLDEN}epochs/000300.safetensors`);

describe('collapsar.json', () => {
  it('is read with what theory needs', () => {
    const { head, loss, optimizer, layers, classNames } = readManifest(text);
    expect(head.map(({ weightDecay, biasDecay }) => [weightDecay, biasDecay])).toEqual([
      [2e-3, null],
      [2e-3, 0],
    ]);
    expect(loss).toMatchObject({ name: 'ce', reduction: 'mean', labelSmoothing: 0 });
    expect(optimizer).toEqual({
      name: 'SGD',
      decoupled: false,
      groups: [{ weightDecay: 2e-3 }, { weightDecay: 0 }],
    });
    expect(layers[0].pooling).toBe('mean over axes 2, 3 (positions)');
    expect(classNames).toEqual(['a', 'b', 'c']);
  });

  it.each([
    [{ format: 'other' }, 'format is "other"'],
    [{ version: 3 }, 'version is 3, and this program reads 1 to 2'],
    [{ version: 0 }, 'version is 0, and this program reads 1 to 2'],
    [{ classes: 4 }, 'classes is 4, for 3 outputs'],
    [{ outputs: 4 }, 'outputs is 4, and the last layer has 3'],
    [{ head: [] }, 'head is empty'],
    [{ layers: [] }, 'layers has 0 places called features'],
    [{ classNames: ['a'] }, 'classNames has 1 names for 3 classes'],
    [{ headIsLast: 1 }, 'headIsLast is 1, neither true nor false'],
    [{ torch: 'a\u001b[2J' }, 'torch has characters that cannot be printed'],
  ])('is refused with %j', (change, words) => {
    const broken = JSON.stringify({ ...(JSON.parse(text) as object), ...change });
    expect(() => readManifest(broken)).toThrow(words);
  });

  it('has layers of the head that follow one another', () => {
    const manifest = JSON.parse(text) as { head: { inputs: number }[] };
    manifest.head[1].inputs = 7;
    expect(() => readManifest(JSON.stringify(manifest))).toThrow('head.1.inputs is 7, after 5 outputs');
  });
});

describe('epochs.jsonl', () => {
  it('is read without a line that a kill tore', () => {
    expect(readEpochs(lines.slice(0, -5)).epochs.map(({ epoch }) => epoch)).toEqual([0, 10]);
    expect(readEpochs(lines.slice(0, -5)).damage).toBeNull();
  });

  it('counts the later of two lines of one epoch', () => {
    const [first] = lines.split('\n');
    const again = first.replace('"notes":[]', '"notes":["again"]');
    const { epochs } = readEpochs(`${lines}${again}\n`);
    expect(epochs.map(({ epoch, notes }) => [epoch, ...notes])).toEqual([[0, 'again'], [10], [300]]);
  });

  it('says how training ended, unless it went on', () => {
    const mark = '{"end":"exit","epoch":320}\n';
    expect(readEpochs(lines).end).toBeNull();
    expect(readEpochs(lines + mark)).toMatchObject({ end: { why: 'exit', epoch: 320 }, damage: null });
    expect(readEpochs(lines + mark.slice(0, -4)).end).toBeNull();
    const [first] = lines.split('\n');
    expect(readEpochs(`${mark}${lines}${mark}${first}\n`).end).toBeNull();
    expect(readEpochs('{"end":"whatever","epoch":1}\n').damage?.what).toContain('end is "whatever"');
    expect(readEpochs(lines.replace('"batch":', '"steps":0,"batch":')).damage?.what).toContain('steps is 0');
  });

  it.each([
    ['"file":"epochs/000010.safetensors"', '"file":"../../etc/passwd"', 'is no file of the folder epochs'],
    ['"epoch":10', '"epoch":-1', 'epoch is -1'],
    ['{"epoch":10', '["epoch":10', 'no whole JSON object'],
  ])('names a bad line: %s', (from, to, words) => {
    const { damage, epochs } = readEpochs(lines.replace(from, to));
    expect(damage?.line).toBe(2);
    expect(damage?.what).toContain(words);
    expect(epochs).toHaveLength(1);
  });
});

describe('the tensors of an epoch', () => {
  const manifest: MonitorManifest = readManifest(text);
  const length = Number(tensors.readBigUInt64LE(0));
  const header = JSON.parse(tensors.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const read = async (bytes: Uint8Array) =>
    readMonitorTensors(await openArrays(memorySource('epoch', bytes)), manifest);

  it('are read', async () => {
    const { weights, biases, train, test } = await read(tensors);
    expect(weights.map(({ rows, cols }) => [rows, cols])).toEqual([
      [5, 9],
      [3, 5],
    ]);
    expect(biases[0]).toBeNull();
    expect(train.counts).toEqual([30, 20, 10]);
    expect(test?.counts).toEqual([8, 5, 4]);
    expect(train.layers.map(({ within }) => within.kind)).toEqual(['full', 'projected', 'full', 'full']);
  });

  it.each([
    ['train.1.means', NaN, 'finite numbers'],
    ['train.1.variances', -1, 'variances from 0'],
    ['train.1.projected', 1e6, 'a trace of at most'],
    ['train.2.within', 1e6, 'a trace of'],
    ['train.1.basis', 2, 'orthonormal rows'],
    ['head.1.weight', Infinity, 'finite numbers'],
  ])('are refused where %s has %d in it', async (name, value, words) => {
    const bytes = Buffer.from(tensors);
    bytes.writeDoubleLE(value, 8 + length + header[name].data_offsets[0]);
    await expect(read(bytes)).rejects.toThrow(words);
    await expect(read(bytes)).rejects.toThrow(name);
  });

  it.each([
    ['train.correct', 31n, 'from 0 to the samples of class 0'],
    ['train.1.nearestIsLabel', -1n, 'from 0 to the samples of class 0'],
  ])('are refused where %s counts %d', async (name, value, words) => {
    const bytes = Buffer.from(tensors);
    bytes.writeBigInt64LE(value, 8 + length + header[name].data_offsets[0]);
    await expect(read(bytes)).rejects.toThrow(words);
  });
});

describe('a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'collapsar-monitor-'));
    await cp(GOLDEN, folder, { recursive: true });
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is known by its manifest', async () => {
    expect(await holdsMonitor(folder)).toBe(true);
    await rm(join(folder, 'collapsar.json'));
    expect(await holdsMonitor(folder)).toBe(false);
  });

  it('is refused with a file that was cut, or is gone', async () => {
    const store = await openMonitorFolder(folder);
    const last = { file: 'epochs/000300.safetensors', bytes: store.epochs[2].bytes };
    await truncate(join(folder, last.file), 100);
    await expect(store.openEpoch(last)).rejects.toThrow('there are 100');
    await rm(join(folder, last.file));
    await expect(store.openEpoch(last)).rejects.toThrow('no file of that name');
  });

  it('is refused with a damaged line, which is named', async () => {
    await writeFile(join(folder, 'epochs.jsonl'), `{}\n${lines}`);
    await expect(openMonitorFolder(folder)).rejects.toThrow('epochs.jsonl: line 1');
  });
});
