/** Files that were brought to the page, dropped or chosen, with where they lay: in folders that came with them. */

const paths = new WeakMap<File, string>();

/** Its path from the folder that was brought on; its name alone where it came without one. */
export function pathOf(file: File): string {
  return paths.get(file) ?? (file.webkitRelativePath === '' ? file.name : file.webkitRelativePath);
}

const MOST_FILES = 20_000;
const DEEPEST = 6;

/** True where a folder is among what is dropped. To be asked while the drop is handled: its items are gone after that. */
export function hasFolder({ items }: DataTransfer): boolean {
  return [...items].some((item) => item.webkitGetAsEntry()?.isDirectory === true);
}

/** The files of a drop and of the folders in it, but hidden ones. To be called while the drop is handled. */
export async function filesWithin({ items }: DataTransfer): Promise<readonly File[]> {
  const entries = [...items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files: File[] = [];
  for (const entry of entries) await gather(entry, files, 0);
  return files;
}

async function gather(entry: FileSystemEntry, files: File[], depth: number): Promise<void> {
  if (entry.name.startsWith('.') || files.length >= MOST_FILES || depth > DEEPEST) return;
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    paths.set(file, entry.fullPath.replace(/^\//, ''));
    files.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  // A reader gives its entries in parts, and an empty part at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (part.length === 0) return;
    for (const inner of part) await gather(inner, files, depth + 1);
  }
}
