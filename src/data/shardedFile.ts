/**
 * A safetensors checkpoint in shards: the index (JSON with `weight_map`, from the name of each tensor to its file) and the files
 * beside it, as Hugging Face saves large models. A file is opened when one of its tensors is asked for.
 */
import { InputError } from '../core/errors.js';
import { type ArrayFile, unknownName } from './arrayFile.js';
import { type ByteSource, readRange } from './byteSource.js';
import { shardMap } from './otherFiles.js';

/** The arrays of an index; null where the source is none. `open`: a file by its name beside the index. */
export async function openShardIndex(
  source: ByteSource,
  open: (file: string) => Promise<ArrayFile>,
): Promise<ArrayFile | null> {
  const { name: where, size } = source;
  const start = await readRange(source, where, 'the start of the file', 0, Math.min(size, 64));
  const map = await shardMap(source, start);
  if (map === null) return null;
  const outside = [...new Set(map.values())].find((file) => /[/\\]|^\.\.?$/.test(file));
  if (outside !== undefined)
    throw new InputError('format', where, 'shards that lie beside the index', outside);
  const opened = new Map<string, Promise<ArrayFile>>();
  let bytes = size;
  const openCounted = async (file: string): Promise<ArrayFile> => {
    const shard = await open(file);
    bytes += shard.byteSize;
    return shard;
  };
  const fileOf = (name: string): Promise<ArrayFile> => {
    const file = map.get(name);
    if (file === undefined) return Promise.reject(unknownName(where, names, name));
    const shard = opened.get(file) ?? openCounted(file);
    opened.set(file, shard);
    return shard;
  };
  const names = [...map.keys()];
  return {
    format: 'safetensors',
    name: where,
    get byteSize() {
      return bytes;
    },
    names,
    metadata: new Map(),
    has: (name) => map.has(name),
    get: async (name) => (await fileOf(name)).get(name),
    words: async (name) => (await fileOf(name)).words(name),
    async close() {
      for (const file of opened.values()) await (await file).close();
      await source.close?.();
    },
  };
}
