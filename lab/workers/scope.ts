/** The scope of a worker, typed by its messages. */
export interface WorkerScope<In, Out> {
  readonly post: (message: Out) => void;
  readonly listen: (take: (message: In) => void) => void;
}

interface RawScope {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', take: (event: MessageEvent<unknown>) => void): void;
}

export function workerScope<In, Out>(): WorkerScope<In, Out> {
  // In a worker `self` is a worker's scope; the page's library of types names the window here.
  const scope = self as unknown as RawScope;
  return {
    post: (message) => scope.postMessage(message),
    listen: (take) => scope.addEventListener('message', ({ data }) => take(data as In)),
  };
}

/** Lets waiting messages in, without the four milliseconds that a nested timer costs. */
export function createGiveWay(): () => Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((done) => {
      waiting.push(done);
      port2.postMessage(null);
    });
}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
