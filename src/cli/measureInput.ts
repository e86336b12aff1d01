/** What `measure` is given, as files: one, several, or a folder of them. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { refuse, refuseFile } from '../core/errors.js';
import { isCode } from '../runs/folders.node.js';
import type { ArrayFile } from '../data/index.js';
import { openArrayFile } from '../data/fileSource.node.js';
import { isFolder } from './paths.js';

/** Whether there is nothing at a path, or an empty folder: what a training that has just begun may still fill. */
export async function isNothingYet(path: string): Promise<boolean> {
  try {
    return (await readdir(path)).length === 0;
  } catch (error) {
    return isCode(error, 'ENOENT');
  }
}

/** Endings of files of arrays in a folder; a file that is named is looked at whatever its ending. */
const ARRAYS = /\.(npz|safetensors|pt|pth)$/i;
const MOST_FILES = 10_000;

/** The files of a folder in the order of their names, numbers by size: epoch-9 before epoch-10. */
export async function filesOf(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => ARRAYS.test(name));
  if (names.length === 0)
    refuseFile(
      folder,
      'a run folder with spec.yaml, or a folder of .npz, .safetensors or .pt files',
      'neither',
    );
  if (names.length > MOST_FILES) refuse(folder, `at most ${MOST_FILES} files`, names.length);
  return names.sort(new Intl.Collator('en', { numeric: true }).compare).map((name) => join(folder, name));
}

/** Paths of an option that takes several, separated by commas, or of one folder. */
export async function pathsOf(text: string): Promise<string[]> {
  return (await isFolder(text)) ? filesOf(text) : text.split(',');
}

/** Files that are open together, closed together. */
export async function withOpen<T>(
  paths: readonly string[],
  use: (files: readonly ArrayFile[]) => Promise<T>,
): Promise<T> {
  const files: ArrayFile[] = [];
  try {
    for (const path of paths) files.push(await openArrayFile(path));
    return await use(files);
  } finally {
    for (const file of files) await file.close();
  }
}
