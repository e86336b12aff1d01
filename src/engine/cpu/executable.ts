/** A compiled network as its user sees it: state in and out, steps, evaluations. How threads are driven is given. */
import { refuse, refuseShape } from '../../core/errors.js';
import type { Executable, Network, StepResult } from '../../nets/index.js';
import { CONTROL, type Program } from './program.js';

/** Runs the program on all threads and returns when it is done. */
export interface Team {
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
  readonly flags: Int32Array;
  run(work: 'step' | 'evaluate', samples: number): void;
  close(): Promise<void>;
}

export function createExecutable(network: Network, program: Program, batch: number, team: Team): Executable {
  const { floats, doubles, flags } = team;
  const { state, taps, imageSize } = program;
  const lengths = new Map([...state].map(([name, { length }]) => [name, length]));
  for (const [name, { address, length }] of state)
    if (name.endsWith('.variance')) floats.fill(1, address / 4, address / 4 + length);

  const placeOf = (name: string) => {
    const stored = state.get(name);
    if (stored === undefined) refuse(`network ${network.name}`, 'the name of an array of its state', name);
    return stored;
  };
  const load = (images: Float32Array, samples: number) => {
    if (!Number.isSafeInteger(samples) || samples < 1 || samples > batch)
      refuse('batch', `1 to ${batch} samples`, samples);
    if (images.length < samples * imageSize)
      refuseShape('images', `${samples}×${imageSize} numbers`, `${images.length}`);
    floats.set(
      images.length === samples * imageSize ? images : images.subarray(0, samples * imageSize),
      program.images / 4,
    );
  };

  return {
    state: lengths,
    read: (names) => settled(() => read(names ?? [...state.keys()])),
    write: (arrays) => settled(() => write(arrays)),
    step: (images, labels, learningRate) => settled(() => step(images, labels, learningRate)),
    evaluate: (images, samples, names) => settled(() => evaluate(images, samples, names)),
    close: () => team.close(),
  };

  function read(names: readonly string[]): Map<string, Float32Array> {
    const copies = new Map<string, Float32Array>();
    for (const name of names) {
      const { address, length } = placeOf(name);
      copies.set(name, ownCopy(address, length));
    }
    return copies;
  }

  function write(arrays: ReadonlyMap<string, Float32Array>): void {
    for (const [name, values] of arrays) {
      const { address, length } = placeOf(name);
      if (values.length !== length) refuseShape(name, `${length} numbers`, `${values.length}`);
      floats.set(values, address / 4);
    }
  }

  function step(images: Float32Array, labels: Int32Array, learningRate: number): StepResult {
    const samples = labels.length;
    load(images, samples);
    const odd = labels.find((label) => !(label >= 0 && label < network.classes));
    if (odd !== undefined) refuse('labels', `classes 0 to ${network.classes - 1}`, odd);
    flags.set(labels, program.labels / 4);
    doubles[CONTROL.rate / 8] = learningRate;
    const steps = state.get('steps');
    doubles[CONTROL.steps / 8] = steps === undefined ? 0 : floats[steps.address / 4];
    team.run('step', samples);
    return { loss: doubles[CONTROL.loss / 8], correct: doubles[CONTROL.correct / 8] };
  }

  function evaluate(
    images: Float32Array,
    samples: number,
    names: readonly string[],
  ): Map<string, Float32Array> {
    load(images, samples);
    for (const { flag } of taps.values()) flags[flag] = 0;
    const requests = names.map((name) => {
      const tap = taps.get(name);
      if (tap === undefined) refuse(`network ${network.name}`, 'a layer, or features', name);
      flags[tap.flag] = 1;
      return { name, ...tap };
    });
    team.run('evaluate', samples);
    return new Map(
      requests.map(({ name, address, channels }) => [name, ownCopy(address, samples * channels)]),
    );
  }

  /** A copy with storage of its own: views of shared memory are refused in many places. */
  function ownCopy(address: number, length: number): Float32Array {
    return Float32Array.from(floats.subarray(address / 4, address / 4 + length));
  }
}

/** What a computation returns or throws, as a promise. */
function settled<T>(compute: () => T): Promise<T> {
  return new Promise((resolve) => {
    resolve(compute());
  });
}
