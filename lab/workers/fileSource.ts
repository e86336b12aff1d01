/** A file of the page as a source of bytes, read piece by piece. */
import type { ByteSource } from 'collapsar/data';

export function sourceOf(file: File, name = file.name): ByteSource {
  return {
    name,
    size: file.size,
    read: async (offset, length) => new Uint8Array(await file.slice(offset, offset + length).arrayBuffer()),
  };
}
