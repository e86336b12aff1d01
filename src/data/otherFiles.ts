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
  const { name: where } = source;
  const text = latin1(start.subarray(0, 64));
  if (text.startsWith(LFS_VERSION))
    refuseBytes(where, wanted, 'a pointer of Git LFS, not the file itself', 'fetch it with git lfs pull');
  if (!beginsJson(start)) return;
  const map = await shardMap(source, start);
  if (map === null) refuseBytes(where, wanted, 'a JSON file');
  const shards = [...new Set(map.values())].map(show);
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

/** From the name of each tensor to the shard that holds it, in the order of an index; null for a source that is none. */
export async function shardMap(source: ByteSource, start: Uint8Array): Promise<Map<string, string> | null> {
  if (!beginsJson(start) || source.size > MAX_INDEX) return null;
  const text = utf8OrNull(await readRange(source, source.name, 'the JSON', 0, source.size));
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
  const files = Object.entries(map as Record<string, unknown>);
  return new Map(files.flatMap(([name, file]) => (typeof file === 'string' ? [[name, file]] : [])));
}

function beginsJson(start: Uint8Array): boolean {
  return /^\s*\{/.test(latin1(start.subarray(0, 64)));
}
