/** What is read back of a run folder: whole files as they were written, damaged ones refused in one line. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../src/core/errors.js';
import { memorySource, openArrays } from '../../src/data/index.js';
import {
  decodeCheckpoint,
  decodeNetworkCheckpoint,
  Misshapen,
  readRecords,
  readSummary,
  SUMMARY_SCHEMA,
  type UfmSummary,
} from '../../src/runs/index.js';
import { openRunFolder } from '../../src/runs/runFolder.node.js';
import { networkRun, sampleRun } from '../report/sample.js';
import { collapsar, temporaryFolder } from '../support/cli.js';

const DAMAGED = fileURLToPath(new URL('./damaged/', import.meta.url));
const SPEC = `kind: ufm
counts: [4, 3, 2]
depth: 2
width: 4
weightDecay: 5e-3
featureDecay: 5e-3
steps: 40
`;

const read = (name: string) => readFileSync(join(DAMAGED, name));
const fresh = () => {
  const folder = join(temporaryFolder(), 'run');
  mkdirSync(folder);
  writeFileSync(join(folder, 'spec.yaml'), SPEC);
  return folder;
};
/** What a summary is refused for. */
const faultOf = (change: (summary: Record<string, never>) => unknown, from: object = ufm) => {
  const summary = JSON.parse(JSON.stringify(from)) as Record<string, never>;
  const changed = change(summary) ?? summary;
  try {
    readSummary(JSON.stringify(changed).replace('"Infinity"', '1e999'));
  } catch (error) {
    if (error instanceof Misshapen) return error.what;
    throw error;
  }
  return null;
};
const ufm = sampleRun({ counts: [8, 4], steps: 20, every: 10 }).summary ?? {};
const network = networkRun().summary;

describe('a summary', () => {
  it('comes back as it was written, unknown keys dropped', () => {
    expect(readSummary(JSON.stringify(ufm))).toEqual(ufm);
    expect(readSummary(JSON.stringify(network))).toEqual(network);
    expect(readSummary(JSON.stringify({ ...ufm, later: 1 }))).toEqual(ufm);
  });

  it('of before schema numbers is read: its kind is told by the network, its solutions by their names', () => {
    const alternatives = [
      { name: 'simplex ETF', objective: 1 },
      { name: 'every class collapsed (P = 0, H = 0)', objective: 2 },
      { name: 'the best of 300 starts', objective: 3 },
    ];
    const older = (summary: object) => {
      const rest: Record<string, unknown> & { prediction?: object } = { ...summary };
      delete rest.kind;
      delete rest.schema;
      return JSON.stringify({ ...rest, prediction: { ...rest.prediction, alternatives } });
    };
    const [first, second] = [readSummary(older(ufm)), readSummary(older(network))];
    expect([first.kind, second.kind, first.schema]).toEqual(['ufm', 'network', SUMMARY_SCHEMA]);
    expect(first.prediction?.alternatives.map(({ kind }) => kind)).toEqual(['simplex', 'lost', 'search']);
  });

  it('of before schema numbers called a lost class collapsed or dead', () => {
    const rest: Record<string, unknown> = { ...ufm };
    delete rest.schema;
    const classes = (ufm as UfmSummary).classes.map((compared, k) =>
      k === 0 ? { ...compared, regime: 'collapsed', measured: 'dead' } : compared,
    );
    const prediction = { ...(ufm as UfmSummary).prediction, frame: 'nothing: every class collapsed' };
    const read = readSummary(JSON.stringify({ ...rest, classes, prediction }));
    expect(read.classes[0]).toMatchObject({ regime: 'lost', measured: 'lost' });
    expect(read.prediction?.frame).toBe('nothing: every class lost');
  });

  it.each([
    ['a newer schema', { schema: 99 }, 'schema is 99, of a newer version than this one'],
    ['no schema of ours', { schema: 'x' }, 'schema is not 1'],
    ['another kind', { kind: 'other' }, 'kind is "other", not ufm, network'],
    ['an unknown status', { status: 'exploded' }, 'status is "exploded", not finished, converged'],
    ['a text with escapes', { command: 'a\u001b[31m' }, 'command has characters that cannot be printed'],
    ['a text that turns round', { command: 'a\u202eb' }, 'command has characters that cannot be printed'],
    ['a step that is no number', { step: '3' }, 'step is "3", no whole number from 0'],
    ['a number beyond doubles', { seconds: 'Infinity' }, 'seconds is Infinity, no finite number'],
    ['no classes', { classes: [] }, 'classes has 0 items for 2 classes'],
    [
      'a matrix of other size',
      { geometry: { measured: { weights: [[1]], features: [], logits: [] } } },
      'geometry.predicted is missing',
    ],
    ['no verdict', { verdict: null }, 'verdict is null, no object'],
    ['no prediction', { prediction: null }, 'prediction is null, no object'],
  ])('is refused with %s', (_, change, what) => {
    expect(faultOf((summary) => ({ ...summary, ...change }))).toContain(what);
  });

  it('of a network is refused with a class name too few', () => {
    const data = { ...network.network.data, classNames: ['0'] };
    expect(faultOf((s) => ({ ...s, network: { ...network.network, data } }), network)).toBe(
      'network.data.classNames has 1 items for 4 classes',
    );
  });

  it('keeps what a terminal would obey out of the file', async () => {
    const folder = fresh();
    const store = openRunFolder(folder);
    await store.writeSummary({ ...readSummary(JSON.stringify(ufm)), command: 'train "a\nb\u001b[2J"' });
    expect((await store.readSummary())?.command).toBe('train "a b [2J"');
  });
});

describe('files that were damaged on purpose', () => {
  it('are each refused with what is wrong', async () => {
    const refusal = async (work: () => unknown) => {
      const error: unknown = await Promise.resolve()
        .then(work)
        .catch((thrown: unknown) => thrown);
      return error instanceof InputError ? error.message : error;
    };
    const checkpoint = (name: string) => openArrays(memorySource(name, new Uint8Array(read(name))));
    for (const [name, decode, what] of [
      ['ckpt-ufm-state-null.safetensors', decodeCheckpoint, 'state is null, no object'],
      ['ckpt-ufm-no-blas.safetensors', decodeCheckpoint, 'state.blas is missing'],
      [
        'ckpt-ufm-ansi.safetensors',
        decodeCheckpoint,
        'state.blas.name has characters that cannot be printed',
      ],
      ['ckpt-ufm-columns-huge.safetensors', decodeCheckpoint, 'state.blas.name is missing'],
      ['ckpt-net-state-empty.safetensors', decodeNetworkCheckpoint, 'state.progress is missing'],
    ] as const) {
      const file = await checkpoint(name);
      expect(await refusal(() => decode(file))).toBe(
        `${name}: the state of a training, got ${what}; the checkpoint is damaged`,
      );
    }
    expect(readRecords(read('records-object.jsonl').toString()).damage?.what).toBe('step is missing');
    expect(readRecords(read('lab-deep.jsonl').toString()).damage?.what).toBe(
      'lists or objects nested more than 12 deep',
    );
  });

  it.each([
    ['summary-object.json', 'summary.json', 'report', 'collapsar is missing'],
    ['summary-status-unknown.json', 'summary.json', 'report', 'status is missing'],
    [
      'records-object.jsonl',
      'records.jsonl',
      'report',
      'line 1: a record of a training, got one where step is missing',
    ],
    ['lab-deep.jsonl', 'records.jsonl', 'report', 'nested more than 12 deep'],
    ['ckpt-ufm-ansi.safetensors', 'checkpoint.safetensors', 'train', 'characters that cannot be printed'],
    ['ckpt-ufm-state-null.safetensors', 'checkpoint.safetensors', 'train', 'state is null'],
    ['ckpt-ufm-columns-huge.safetensors', 'checkpoint.safetensors', 'train', 'the checkpoint is damaged'],
  ])('%s ends a command with one line and exit 2', (name, as, verb, what) => {
    const folder = fresh();
    copyFileSync(join(DAMAGED, name), join(folder, as));
    const args = verb === 'report' ? ['report', folder] : ['train', '--out', folder, '--resume'];
    const { code, stdout, stderr } = collapsar(args, { blas: 'portable' });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
    expect(stderr).toContain(what);
    // eslint-disable-next-line no-control-regex
    expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});
