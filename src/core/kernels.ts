/**
 * Kernels of WebAssembly (`kernels/`) and the memories in which they work, on every platform that has it: Node, pages, workers.
 * Memories never grow, so that views of them stay valid.
 */

/** Typed by hand: the portable rooms compile with neither DOM nor Node types, yet all of these platforms have it. */
declare const WebAssembly: {
  readonly Memory: new (options: { initial: number; maximum: number; shared: boolean }) => LinearMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
declare const atob: (text: string) => string;

interface LinearMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
}

/** Several threads may hold it. */
export interface SharedMemory {
  readonly buffer: SharedArrayBuffer;
}

/** A memory of one thread. */
export interface PlainMemory {
  readonly buffer: ArrayBuffer;
}

/** Memories are made of whole pages, in bytes. */
export const PAGE = 65536;
/** The most that 32-bit addresses reach, less one page so that no address is 2³². */
export const MOST_BYTES = 65535 * PAGE;

export function openSharedMemory(bytes: number): SharedMemory {
  return open(bytes, true) as SharedMemory;
}

export function openPlainMemory(bytes: number): PlainMemory {
  return open(bytes, false) as PlainMemory;
}

function open(bytes: number, shared: boolean): LinearMemory {
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  return new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
}

/** By their code; compiled once. */
const modules = new Map<string, object>();

/** What a module, given in base64, exports, working in a memory. */
export function kernelsIn(code: string, memory: SharedMemory | PlainMemory): unknown {
  let module = modules.get(code);
  if (module === undefined) {
    module = new WebAssembly.Module(Uint8Array.from(atob(code), (character) => character.charCodeAt(0)));
    modules.set(code, module);
  }
  return new WebAssembly.Instance(module, { env: { memory } }).exports;
}
