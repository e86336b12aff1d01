/**
 * The figures of a sweep as files. What was written is noted beside them with its checksum, so that a figure that is no longer
 * drawn can be removed when others are, and a file that somebody put there or changed never is.
 */
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isCode, makeFolder } from './folders.node.js';
import { Misshapen, parseJson, table, text } from './jsonShape.js';
import { replaceFile } from './runFolder.node.js';
import { checksumOf } from './sweepFolder.node.js';

export const FIGURES = 'figures';
const NOTED = '.drawn.json';
const notedShape = table(text);

export interface FigureFile {
  readonly name: string;
  readonly content: string;
}

/** Writes these, and removes those of before that are not among them. */
export async function writeFigures(folder: string, files: readonly FigureFile[]): Promise<void> {
  const at = join(folder, FIGURES);
  await makeFolder(at);
  const before = await readNoted(join(at, NOTED));
  for (const { name, content } of files) await replaceFile(join(at, name), content);
  const names = new Set(files.map(({ name }) => name));
  for (const [name, checksum] of before)
    if (!names.has(name) && (await checksumAt(join(at, name))) === checksum) await unlink(join(at, name));
  const drawn = Object.fromEntries(files.map(({ name, content }) => [name, checksumOf(content)]));
  await replaceFile(join(at, NOTED), `${JSON.stringify(drawn, null, 2)}\n`);
}

/** File names with checksums; none where nothing was noted, or the note cannot be read. */
async function readNoted(path: string): Promise<(readonly [name: string, checksum: string])[]> {
  const noted = await readText(path);
  if (noted === null) return [];
  try {
    // A name that leads out of the folder is none of ours.
    return Object.entries(notedShape(parseJson(noted), '')).filter(([name]) => /^\w+\.svg$/.test(name));
  } catch (error) {
    if (error instanceof Misshapen) return [];
    throw error;
  }
}

async function checksumAt(path: string): Promise<string | null> {
  const content = await readText(path);
  return content === null ? null : checksumOf(content);
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null;
    throw error;
  }
}
