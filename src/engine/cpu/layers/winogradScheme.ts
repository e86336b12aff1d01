/**
 * Which of two Winograd schemes a 3×3 convolution takes: F(4×4, 3×3), or F(2×2, 3×3) for maps that larger tiles would leave
 * half empty.
 */
import type { Kernels, TapGradientKernel, TapKernel, TileKernel, TileOutputKernel } from '../wasm.js';

/** The transforms of one scheme, as kernels/winograd.ts and winograd4.ts have them. */
export interface Transforms {
  readonly input: TileKernel;
  readonly inputGradient: TileKernel;
  readonly output: TileOutputKernel;
  readonly outputGradient: TileKernel;
  readonly weights: TapKernel;
  readonly weightGradient: TapGradientKernel;
}

export interface WinogradScheme {
  /** Outputs of a tile along one side. */
  readonly tile: 2 | 4;
  /** Products of matrices: (tile + 2)². */
  readonly products: 16 | 36;
  /** Tiles of a chunk: enough rows for the products to run at full speed, few enough for the cache. */
  readonly chunk: number;
  transforms(kernels: Kernels): Transforms;
}

const SMALL: WinogradScheme = {
  tile: 2,
  products: 16,
  chunk: 256,
  transforms: (kernels) => ({
    input: kernels.winogradInput,
    inputGradient: kernels.winogradInputGradient,
    output: kernels.winogradOutput,
    outputGradient: kernels.winogradOutputGradient,
    weights: kernels.winogradWeights,
    weightGradient: kernels.winogradWeightGradient,
  }),
};

const LARGE: WinogradScheme = {
  tile: 4,
  products: 36,
  chunk: 128,
  transforms: (kernels) => ({
    input: kernels.winograd4Input,
    inputGradient: kernels.winograd4InputGradient,
    output: kernels.winograd4Output,
    outputGradient: kernels.winograd4OutputGradient,
    weights: kernels.winograd4Weights,
    weightGradient: kernels.winograd4WeightGradient,
  }),
};

/** The scheme with fewer multiplications on a map; the smaller one, which is more accurate, where they are equal. */
export function schemeFor({
  height,
  width,
}: {
  readonly height: number;
  readonly width: number;
}): WinogradScheme {
  const operations = ({ tile, products }: WinogradScheme) =>
    products * Math.ceil(height / tile) * Math.ceil(width / tile);
  return operations(LARGE) < operations(SMALL) ? LARGE : SMALL;
}

/** Tiles of one image. */
export function tilesOf({ tile }: WinogradScheme, height: number, width: number): number {
  return Math.ceil(height / tile) * Math.ceil(width / tile);
}
