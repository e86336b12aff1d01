/** A checkpoint by path, in Node: a file of arrays, the index of a sharded one, or a folder with either under its usual name. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refuseFile } from '../core/errors.js';
import type { ArrayFile } from './arrayFile.js';
import { openArrayFile, openFileSource } from './fileSource.node.js';
import { openArrays } from './openArrays.js';
import { openShardIndex } from './shardedFile.js';

/** What Hugging Face's `save_pretrained` and PyTorch users call them. */
const USUAL = [
  'model.safetensors',
  'model.safetensors.index.json',
  'pytorch_model.bin',
  'pytorch_model.bin.index.json',
  'model.pt',
];

/** Opens the arrays of a checkpoint. `close` the result. */
export async function openCheckpoint(path: string): Promise<ArrayFile> {
  const source = await openFileSource(await fileOf(path));
  try {
    const shards = await openShardIndex(source, (file) => openArrayFile(join(dirname(source.name), file)));
    return shards ?? (await openArrays(source));
  } catch (error) {
    await source.close();
    throw error;
  }
}

async function fileOf(path: string): Promise<string> {
  if (!(await exists(path, 'folder'))) return path;
  for (const name of USUAL) if (await exists(join(path, name), 'file')) return join(path, name);
  return refuseFile(
    path,
    'a checkpoint',
    'a folder without',
    `give the file (looked for ${USUAL.join(', ')})`,
  );
}

async function exists(path: string, kind: 'file' | 'folder'): Promise<boolean> {
  try {
    const stats = await stat(path);
    return kind === 'folder' ? stats.isDirectory() : stats.isFile();
  } catch {
    return false;
  }
}
