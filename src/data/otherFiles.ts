/**
 * Files that stand in the place of one of arrays: a pointer of Git LFS, the index of a sharded safetensors file, other JSON.
 * Each is named as what it is, with what to do.
 */
import { show } from '../core/errors.js';
import { type ByteSource, readRange } from './byteSource.js';
import { latin1, utf8OrNull } from './platform.js';
import { refuseBytes } from './refuseBytes.js';

const LFS_VERSION = 'version https://git-lfs.github.com/spec/';
/** An index of a thousand shards and as many tensors takes a few hundred KiB. */
const MAX_INDEX = 2 ** 24;
const SHARDS_NAMED = 4;

/** Refuses the source where it is one of those; `start`: its first bytes, `wanted`: what was expected. */
export async function refuseStandIn(source: ByteSource, start: Uint8Array, wanted: string): Promise<void> {
  const { name: where, size } = source;
  const text = latin1(start.subarray(0, 64));
  if (text.startsWith(LFS_VERSION))
    refuseBytes(where, wanted, 'a pointer of Git LFS, not the file itself', 'fetch it with git lfs pull');
  if (!/^\s*\{/.test(text)) return;
  const shards = size > MAX_INDEX ? null : shardsOf(await readRange(source, where, 'the JSON', 0, size));
  if (shards === null) refuseBytes(where, wanted, 'a JSON file');
  const names = shards.slice(0, SHARDS_NAMED).join(', ') + (shards.length > SHARDS_NAMED ? ', …' : '');
  refuseBytes(
    where,
    wanted,
    'an index of the shards of a safetensors file, without the arrays themselves',
    shards.length === 1
      ? `give the shard, ${names}`
      : `the arrays are in ${names}; write those that are wanted (features, labels and the head) into one file`,
  );
}

/** The files that an index names, quoted and in its order; null for other JSON. */
function shardsOf(bytes: Uint8Array): string[] | null {
  const text = utf8OrNull(bytes);
  if (text === null) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || !('weight_map' in value)) return null;
  const map = value.weight_map;
  if (typeof map !== 'object' || map === null || Array.isArray(map)) return null;
  const files = Object.values(map as Record<string, unknown>).filter((file) => typeof file === 'string');
  return [...new Set(files)].map(show);
}
