/** A process of a sweep's pool: it runs the points that it is sent, and ends with the process that started it. */
import { chooseBlas } from '../core/nativeBlas.node.js';
import { InputError } from '../core/errors.js';
import { openPointWorker, type PointEnd } from './sweepPoints.js';

export type ToWorker = { readonly run: number } | { readonly stop: true };
export type FromWorker =
  | { readonly ready: true }
  | { readonly point: number; readonly end: PointEnd }
  | { readonly note: string }
  | { readonly refused: string };

// Ctrl-C in a terminal reaches every process of it: the one that started this says when to stop.
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => undefined);
process.on('disconnect', () => process.exit(1));

const tell = (message: FromWorker) => process.send?.(message);

async function work(folder: string, name: string, version: string): Promise<void> {
  const stopping = new AbortController();
  const blas = chooseBlas(process.env.COLLAPSAR_BLAS);
  const worker = await openPointWorker({
    ...{ folder, name, version, signal: stopping.signal, blas: () => blas },
    onNote: (note) => tell({ note }),
  });
  if (worker === null) {
    tell({ refused: `${folder}/logs/${name}.jsonl: a log that is new, got one that is there` });
    return;
  }
  process.on('message', (message: ToWorker) => {
    if ('stop' in message) {
      stopping.abort();
      return;
    }
    worker.run(message.run).then(
      (end) => tell({ point: message.run, end }),
      (error: unknown) => {
        tell({ refused: error instanceof Error ? error.message : String(error) });
        process.exit(1);
      },
    );
  });
  process.on('exit', () => {
    worker.close();
  });
  tell({ ready: true });
}

const [folder, name, version] = process.argv.slice(2);
work(folder, name, version).catch((error: unknown) => {
  tell({ refused: error instanceof InputError || error instanceof Error ? error.message : String(error) });
  process.exitCode = 1;
});
