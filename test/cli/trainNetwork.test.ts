/** `train` and `measure` of networks as a user types them, on images made here. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { collapsar, temporaryFolder, type Outcome } from '../support/cli.js';
import { writeMnistFolder } from '../support/idxFolder.js';

/** A spec of a small MLP; later keys replace earlier ones. */
function specOf(changes: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    kind: 'network',
    data: { set: 'mnist' },
    architecture: { name: 'mlp', layers: 1, width: 8 },
    head: { depth: 1 },
    decay: { head: 1e-3, features: 1e-3 },
    optimizer: { name: 'adam', learningRate: 1e-3 },
    batch: 10,
    epochs: 2,
    ...changes,
  });
}

function train(spec: string, ...more: string[]): Outcome & { readonly cwd: string } {
  const cwd = temporaryFolder();
  writeMnistFolder(join(cwd, 'data'), 3);
  writeFileSync(join(cwd, 'net.json'), spec);
  return { ...collapsar(['train', 'net.json', '--out', 'run', ...more], { cwd }), cwd };
}

describe('training a network', () => {
  it('tells before it trains that images are missing, and again beside the result', () => {
    const { code, stdout, stderr } = train(specOf());
    expect(code).toBe(0);
    const note = 'mnist: 30 of 60 000 training images, 20 of 10 000 test images: not the whole of MNIST';
    expect(stderr.split('\n')[0]).toBe(`note: ${note}`);
    expect(stdout).toContain(`data: ${note}`);
  });

  it('measures the checkpoints again, and shows the last class by class as train did', () => {
    const trained = train(specOf({ epochs: 4, measureEvery: 2, checkpointEvery: 2, checkpoints: 'series' }));
    const found = collapsar(['measure', 'run'], { cwd: trained.cwd });
    expect(found.code).toBe(0);
    const lines = found.stdout.split('\n');
    expect(lines.slice(1, 4).map((line) => Number(line.trim().split(/ +/)[0]))).toEqual([0, 2, 4]);
    // From the objective to the verdict.
    const shown = (text: string) => text.slice(text.indexOf('objective  '), text.indexOf('run folder'));
    expect(shown(found.stdout)).toBe(shown(trained.stdout));
    expect(shown(found.stdout)).toContain('class  n');
  });

  it.each([[{}], [{ checkpointEvery: 1 }]])(
    'suggests a tenth of a rate that diverges, and speaks of a checkpoint where there is one: %j',
    (changes) => {
      const found = train(specOf({ optimizer: { name: 'sgd', learningRate: 1e4 }, epochs: 20, ...changes }));
      expect(found.code).toBe(1);
      const message = found.stderr.split('\n').find((line) => line.startsWith('error: ')) ?? '';
      expect(message).toMatch(
        /^error: training: a .* at step \d+; try a tenth of the learning rate, 1000(;|$)/,
      );
      const kept = existsSync(join(found.cwd, 'run/checkpoint.safetensors'));
      expect(kept).toBe('checkpointEvery' in changes);
      expect(message.includes('the last good checkpoint is in run')).toBe(kept);
    },
  );
});
