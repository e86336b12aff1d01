/**
 * The plan of a network's memory: where every array lies. Planning computes nothing, and every thread that plans the same
 * network gets the same addresses.
 *
 * Activations and parameters have places of their own. Gradients of activations live shortly: `acquire` and `release` run
 * through the backward pass in its order at planning time, so that places are used again.
 */

/** Numbers are aligned to cache lines. */
const LINE = 64;
/** The first page holds what threads tell each other. */
const START = 65536;

/**
 * How 3×3 convolutions of stride 1 are computed: by Winograd's schemes where they fit, or as direct sums, with two to four times
 * the multiplications and a third of the rounding error.
 */
export type ConvolutionMethod = 'winograd' | 'direct';

export interface Plan {
  readonly batch: number;
  readonly threads: number;
  readonly convolutions: ConvolutionMethod;
  /** What a gradient is added to is first multiplied by this: μ where it is the momentum itself, else 0. */
  readonly carry: number;
  /** An address for `count` float32 numbers. */
  floats(count: number): number;
  /** An address for `count` float64 numbers. */
  doubles(count: number): number;
  /** A place for a gradient, to be released. */
  acquire(count: number): number;
  release(address: number): void;
  /** Asks for a workspace of each thread, used within one layer's work; the largest wish counts. */
  scratch(count: number): void;
  /** Asks for a workspace common to all threads, used within one layer's work. */
  common(count: number): void;
  /** Asks for `count` zeros to read outside of maps, and as many numbers to waste what is written there. */
  edge(count: number): void;
  /** Where a parameter, and what its gradient is added to, lie. */
  parameter(name: string): Slot;
  /** A running statistic by name. */
  statistic(name: string): number;
  /** Where layers leave what a measurement asks for. */
  tap(name: string): Tap;
}

export interface Slot {
  readonly name: string;
  readonly length: number;
  readonly value: number;
  readonly gradient: number;
}

/** Output of a layer for a measurement: batch×channels at `address`, written when the flag with index `flag` is set. */
export interface Tap {
  readonly flag: number;
  readonly address: number;
  readonly channels: number;
}

export interface Workspaces {
  readonly common: number;
  readonly zeros: number;
  /** One for each thread. */
  readonly waste: readonly number[];
  readonly scratch: readonly number[];
  /** All that the plan takes. */
  readonly bytes: number;
}

/** Places handed out one after another; gradients from a list of free ones. */
export class Arena {
  #end = START;
  #scratch = 0;
  #common = 0;
  #edge = 0;
  readonly #free: { address: number; bytes: number }[] = [];
  readonly #held = new Map<number, number>();

  floats(count: number): number {
    const address = this.#end;
    this.#end += Math.ceil((count * 4) / LINE) * LINE;
    return address;
  }

  acquire(count: number): number {
    const bytes = Math.ceil((count * 4) / LINE) * LINE;
    const fitting = this.#free.filter((place) => place.bytes >= bytes).sort((a, b) => a.bytes - b.bytes);
    const block = fitting.at(0);
    if (block !== undefined) {
      this.#free.splice(this.#free.indexOf(block), 1);
      this.#held.set(block.address, block.bytes);
      return block.address;
    }
    const address = this.floats(count);
    this.#held.set(address, bytes);
    return address;
  }

  release(address: number): void {
    const bytes = this.#held.get(address);
    if (bytes === undefined) throw new Error(`no gradient lies at ${address}`);
    this.#held.delete(address);
    this.#free.push({ address, bytes });
  }

  wishScratch(count: number): void {
    this.#scratch = Math.max(this.#scratch, count);
  }

  wishCommon(count: number): void {
    this.#common = Math.max(this.#common, count);
  }

  wishEdge(count: number): void {
    this.#edge = Math.max(this.#edge, count);
  }

  /** Lays the workspaces behind everything else. */
  finish(threads: number): Workspaces {
    const each = (count: number) => Array.from({ length: threads }, () => this.floats(count));
    const common = this.floats(this.#common);
    const zeros = this.floats(this.#edge);
    return { common, zeros, waste: each(this.#edge), scratch: each(this.#scratch), bytes: this.#end };
  }
}
