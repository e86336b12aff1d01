/** Passes over wide layers in Node: kernels in one shared memory, the caller's thread and workers beside it. */
import { Worker } from 'node:worker_threads';
import { MOST_BYTES, openSharedMemory, PAGE, type SharedMemory } from './kernels.js';
import type { ClassRows, DescentRule, LayerPasses, PassPlan } from './layerPasses.js';
import type { Matrix } from './matrix.js';
import { NUMBERS, OPERATION, passKernels, pitchOf, runShare } from './passMemory.js';
import { MOST_MEMBERS, stopMembers, withMembers } from './passTeam.js';

/** Threads end when the passes are no longer reachable; they never keep a program from ending. */
const unreachable = new FinalizationRegistry<Int32Array>((words) => stopMembers(words));

/** Opens passes on `threads` threads; null where the plan does not fit a memory of 4 GiB. */
export function openPasses(plan: PassPlan, threads: number): LayerPasses | null {
  const members = Math.max(1, Math.min(MOST_MEMBERS, threads));
  const groups = Math.ceil(plan.classes / 4);
  const places = layOut(plan, groups, members);
  if (places.bytes > MOST_BYTES) return null;
  const memory = openSharedMemory(places.bytes);
  const words = new Int32Array(memory.buffer);
  const numbers = new Float64Array(memory.buffer);
  const kernels = passKernels(memory);
  startMembers(memory, members - 1);

  const command = (values: readonly number[]) => {
    numbers.set(values, NUMBERS);
    withMembers(words, (thread, count) => runShare(kernels, numbers, thread, count));
  };
  const passes: LayerPasses = {
    vectors: plan.vectors.map((length, i) => new Float64Array(memory.buffer, places.vectors[i], length)),
    classRows: plan.rows.map((length, i) => ({
      rows: Array.from(
        { length: plan.classes },
        (_, k) => new Float64Array(memory.buffer, places.rows[i] + 8 * k * pitchOf(length), length),
      ),
    })),
    product(W, left, out) {
      const place = [W.data.byteOffset, 0, ...rowsAt(left), 0, 0, ...rowsAt(out)];
      command([OPERATION.product, W.rows, W.cols, groups, ...place]);
    },
    step(W: Matrix, V: Matrix, left: ClassRows, R: ClassRows, right: ClassRows, rule: DescentRule) {
      const place = [W.data.byteOffset, V.data.byteOffset, ...rowsAt(left), ...rowsAt(R), ...rowsAt(right)];
      const { momentum, decay, rate } = rule;
      const spare = [places.spare, places.spareBytes];
      command([OPERATION.step, W.rows, W.cols, groups, ...place, momentum, decay, rate, ...spare]);
    },
  };
  unreachable.register(passes, words);
  return passes;
}

/** Address and pitch, in bytes. */
function rowsAt({ rows }: ClassRows): readonly [address: number, pitch: number] {
  return [rows[0].byteOffset, 8 * pitchOf(rows[0].length)];
}

/** Addresses in bytes, each a multiple of 64. */
function layOut({ vectors, rows, columns }: PassPlan, groups: number, members: number) {
  let end = PAGE;
  const reserve = (length: number) => {
    const start = end;
    end += 64 * Math.ceil((8 * length) / 64);
    return start;
  };
  const spareBytes = 16 * pitchOf(columns);
  return {
    vectors: vectors.map(reserve),
    rows: rows.map((length) => reserve(4 * groups * pitchOf(length))),
    spare: reserve((members * spareBytes) / 8),
    spareBytes,
    get bytes() {
      return end;
    },
  };
}

/** A worker that cannot start is not missed: the first thread does the work of those that are not there. */
function startMembers(memory: SharedMemory, count: number): void {
  for (let i = 0; i < count; i++) {
    const worker = new Worker(new URL('./passThread.node.js', import.meta.url), { workerData: { memory } });
    worker.on('error', () => undefined);
    worker.unref();
  }
}
