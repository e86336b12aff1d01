/** What long work asks of the place it runs in. Every part may be left out: then it runs through, unwatched. */

/** An `AbortSignal`, or anything like one: true once the work should stop and keep what it has. */
export interface StopSignal {
  readonly aborted: boolean;
}

export interface Host<Progress = never> {
  readonly signal?: StopSignal | undefined;
  /** Milliseconds of a steady clock. */
  readonly clock?: (() => number) | undefined;
  /** Lets other work run, the handler of a signal above all; called a dozen times a second. */
  readonly yield?: (() => Promise<void>) | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** One sentence that people should read. */
  readonly onNote?: ((note: string) => void) | undefined;
}

export type WholeHost<Progress> = {
  readonly [K in keyof Host<Progress>]-?: NonNullable<Host<Progress>[K]>;
};

/** A host with its defaults. */
export function hostOf<Progress>(host: Host<Progress> = {}): WholeHost<Progress> {
  const nothing = () => undefined;
  return {
    signal: host.signal ?? { aborted: false },
    clock: host.clock ?? (() => Date.now()),
    yield: host.yield ?? (() => Promise.resolve()),
    onProgress: host.onProgress ?? nothing,
    onNote: host.onNote ?? nothing,
  };
}

/** A signal that says the same and remembers it: work that ended before anyone asked was not interrupted. */
export interface NoticedSignal extends StopSignal {
  /** Whether `aborted` was true when it was last read; it stays so. */
  readonly noticed: () => boolean;
}

export function noticing(signal: StopSignal | undefined): NoticedSignal {
  let seen = false;
  return {
    get aborted() {
      return (seen ||= signal?.aborted === true);
    },
    noticed: () => seen,
  };
}

/** A signal that is aborted where `signal` is, and where `over` says so. */
export function stoppedBy(signal: StopSignal, over: () => boolean): StopSignal {
  return {
    get aborted() {
      return signal.aborted || over();
    },
  };
}

const SLICE_MS = 80;

/** A clock that says when it is time to give way: a dozen times a second. */
export interface Slices {
  /** True where a slice is over; `next` begins another, after the host had its turn. */
  readonly over: () => boolean;
  readonly next: () => Promise<void>;
}

export function slicesOf({ clock, yield: giveWay }: WholeHost<never>): Slices {
  let began = clock();
  return {
    over: () => clock() - began > SLICE_MS,
    async next() {
      await giveWay();
      began = clock();
    },
  };
}
