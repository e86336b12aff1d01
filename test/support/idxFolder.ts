/** A folder of few images in the files of MNIST: class k is bright in rows 2k and 2k + 1. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { idxFile } from '../data/imageFiles.js';

const SIDE = 28;

export function writeMnistFolder(folder: string, perClass: number): void {
  mkdirSync(folder, { recursive: true });
  for (const [part, count] of [
    ['train', perClass],
    ['t10k', 2],
  ] as const) {
    const labels = Array.from({ length: 10 * count }, (_, i) => i % 10);
    const pixels = labels.flatMap((label, i) =>
      Array.from({ length: SIDE * SIDE }, (_, at) =>
        Math.floor(at / SIDE) >> 1 === label ? 200 + ((i * 7 + at * 3) % 40) : (i * 5 + at) % 40,
      ),
    );
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), idxFile([labels.length, SIDE, SIDE], pixels));
    writeFileSync(join(folder, `${part}-labels-idx1-ubyte`), idxFile([labels.length], labels));
  }
}
