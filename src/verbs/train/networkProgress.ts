/** The clock of a network's training: how long, how fast, and the mean loss of the epoch that went before. */
import type { NetworkTrainer } from '../../nets/index.js';
import type { TrainRecord } from '../../runs/index.js';

export interface NetworkProgress {
  readonly epoch: number;
  readonly epochs: number;
  /** Steps done in all, of how many, and where this call began. */
  readonly step: number;
  readonly steps: number;
  readonly from: number;
  /** Of the running epoch so far. */
  readonly loss: number | null;
  readonly accuracy: number | null;
  readonly imagesPerSecond: number | null;
  /** What is being done when it is not training. */
  readonly busy: 'training' | 'measuring' | 'predicting';
  readonly record: TrainRecord | null;
}

export interface MeterOptions {
  readonly trainer: NetworkTrainer;
  readonly clock: () => number;
  readonly epochs: number;
  /** Of a run that goes on. */
  readonly saved: { readonly seconds: number; readonly epochLoss: number | null } | undefined;
}

export interface Meter {
  /** Of training and measuring so far, over all calls. */
  readonly seconds: () => number;
  /** Mean loss over the samples of the last whole epoch; null in the first. */
  readonly epochLoss: () => number | null;
  /** Steps a second while it trains; null before the first. */
  readonly speed: () => number | null;
  /** One step of the trainer. */
  advance(): Promise<void>;
  /** Work whose time is not that of training. */
  aside<T>(work: () => Promise<T>): Promise<T>;
  progress(busy: NetworkProgress['busy'], record?: TrainRecord | null): NetworkProgress;
}

export function createMeter({ trainer, clock, epochs, saved }: MeterOptions): Meter {
  const [from, began] = [trainer.progress.step, clock()];
  let [measuring, epochLoss] = [0, saved?.epochLoss ?? null];
  const speed = () => {
    const [steps, training] = [trainer.progress.step - from, (clock() - began - measuring) / 1000];
    return steps > 0 && training > 0 ? steps / training : null;
  };
  return {
    seconds: () => (saved?.seconds ?? 0) + (clock() - began) / 1000,
    epochLoss: () => epochLoss,
    speed,
    async advance() {
      const { lossSum, seen } = trainer.progress;
      const { loss, samples } = await trainer.advance();
      if (trainer.progress.stepInEpoch === 0) epochLoss = (lossSum + loss * samples) / (seen + samples);
    },
    async aside(work) {
      const start = clock();
      const result = await work();
      measuring += clock() - start;
      return result;
    },
    progress(busy, record = null) {
      const { epoch, step, seen, lossSum, correct } = trainer.progress;
      const [steps, rate] = [epochs * trainer.stepsPerEpoch, speed()];
      return {
        ...{ epoch, epochs, step, steps, from, busy, record },
        loss: seen === 0 ? epochLoss : lossSum / seen,
        accuracy: seen === 0 ? null : correct / seen,
        imagesPerSecond: rate === null ? null : rate * trainer.batch,
      };
    },
  };
}
