/**
 * The linear memory of a network and the WebAssembly kernels that work in it.
 *
 * Memory is shared, so that several threads may hold it, and never grows: views of it stay valid. Addresses are bytes.
 */
import { refuse } from '../../core/errors.js';
import { kernelsIn, MOST_BYTES, openSharedMemory, type SharedMemory } from '../../core/kernels.js';
import { KERNELS } from './kernelBytes.js';

/** kernels/*.ts say what each does; pointers are addresses in bytes. */
export interface Kernels {
  addBias(y: number, rows: number, columns: number, apart: number, bias: number): void;
  addInto(x: number, y: number, bytes: number): void;
  columnSums(x: number, rows: number, columns: number, apart: number, scale: number, sums: number): void;
  relu(x: number, y: number, bytes: number): void;
  reluGradient(y: number, dy: number, dx: number, bytes: number): void;
  sum(x: number, y: number, z: number, bytes: number, rectify: boolean): void;
  sumParts(parts: number, count: number, apart: number, scale: number, z: number, bytes: number): void;
  channelSums(x: number, rows: number, channels: number, sums: number): void;
  scaleShift(x: number, y: number, rows: number, channels: number, a: number, b: number, floor: number): void;
  gradientSums(
    x: number,
    dy: number,
    rows: number,
    channels: number,
    a: number,
    b: number,
    mean: number,
    floor: number,
    sums: number,
  ): void;
  normGradient(
    x: number,
    dy: number,
    dx: number,
    rows: number,
    channels: number,
    a: number,
    b: number,
    mean: number,
    slope: number,
    level: number,
    floor: number,
  ): void;
  gemm(
    transposeA: boolean,
    transposeB: boolean,
    m: number,
    n: number,
    k: number,
    A: number,
    lda: number,
    B: number,
    ldb: number,
    beta: number,
    C: number,
    ldc: number,
  ): void;
  gatherPatches(
    x: number,
    images: number,
    height: number,
    width: number,
    channels: number,
    kernel: number,
    stride: number,
    rows: number,
  ): void;
  scatterPatches(
    rows: number,
    images: number,
    height: number,
    width: number,
    channels: number,
    kernel: number,
    stride: number,
    x: number,
  ): void;
  averagePool(x: number, y: number, images: number, positions: number, channels: number): void;
  averagePoolGradient(dy: number, dx: number, images: number, positions: number, channels: number): void;
  maxPool(x: number, y: number, images: number, height: number, width: number, channels: number): void;
  maxPoolGradient(
    x: number,
    y: number,
    dy: number,
    dx: number,
    images: number,
    height: number,
    width: number,
    channels: number,
  ): void;
  sgd(p: number, m: number, bytes: number, rate: number, decay: number): void;
  adam(
    p: number,
    g: number,
    first: number,
    second: number,
    bytes: number,
    rate: number,
    root: number,
    beta1: number,
    beta2: number,
    epsilon: number,
    decay: number,
  ): void;
  winogradInput: TileKernel;
  winogradInputGradient: TileKernel;
  winogradOutput: TileOutputKernel;
  winogradOutputGradient: TileKernel;
  winogradWeights: TapKernel;
  winogradWeightGradient: TapGradientKernel;
  winograd4Input: TileKernel;
  winograd4InputGradient: TileKernel;
  winograd4Output: TileOutputKernel;
  winograd4OutputGradient: TileKernel;
  winograd4Weights: TapKernel;
  winograd4WeightGradient: TapGradientKernel;
}

/** `work`: a workspace of the F(4×4, 3×3) kernels. */
export type TileKernel = (
  from: number,
  height: number,
  width: number,
  channels: number,
  first: number,
  last: number,
  to: number,
  outside: number,
  work: number,
) => void;

export type TileOutputKernel = (
  M: number,
  height: number,
  width: number,
  channels: number,
  first: number,
  last: number,
  y: number,
  bias: number,
  waste: number,
  work: number,
) => void;

export type TapKernel = (
  g: number,
  size: number,
  first: number,
  last: number,
  U: number,
  work: number,
) => void;

export type TapGradientKernel = (
  dU: number,
  parts: number,
  size: number,
  first: number,
  last: number,
  scale: number,
  dg: number,
  work: number,
) => void;

/** Memory of at least `bytes`. Throws an argument error beyond 4 GiB. */
export function createMemory(bytes: number): SharedMemory {
  if (bytes > MOST_BYTES)
    refuse(
      'network',
      'activations and parameters of less than 4 GiB',
      `${(bytes / 2 ** 30).toFixed(1)} GiB`,
      'a smaller batch or width',
    );
  return openSharedMemory(bytes);
}

export function instantiateKernels(memory: SharedMemory): Kernels {
  return kernelsIn(KERNELS, memory) as Kernels;
}
