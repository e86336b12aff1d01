/**
 * The npz format: a zip file whose members are npy files, as `np.savez` and `np.savez_compressed` write it.
 *
 * The zip layer is ours (`zipDirectory.ts`, `zipMember.ts`) over the platform's own inflate, see docs in
 * those files. An array `a/b` is the member `a/b.npy`; a name is never used as a path. Other members are
 * ignored.
 */
import { show } from '../core/errors.js';
import { type ArrayEntry, type ArrayFile, arrayWhere, unknownName } from './arrayFile.js';
import type { ByteSource } from './byteSource.js';
import { npyEntry, npyWords } from './npy.js';
import { refuseBytes } from './refuseBytes.js';
import { readZipDirectory, type ZipMember } from './zipDirectory.js';
import { memberSource } from './zipMember.js';

/** Opens a source that is a zip file of npy files. Throws a format error, naming file and member. */
export async function openNpz(source: ByteSource): Promise<ArrayFile> {
  return npzFromMembers(source, await readZipDirectory(source));
}

/** The arrays among the members of a zip file. Throws a format error for two of one name, or none at all. */
export function npzFromMembers(source: ByteSource, members: readonly ZipMember[]): ArrayFile {
  const arrays = new Map<string, ZipMember>();
  for (const member of members) {
    if (!member.name.endsWith('.npy')) continue;
    const name = member.name.slice(0, -'.npy'.length);
    if (arrays.has(name)) refuseBytes(source.name, 'one member a name', `two of ${show(member.name)}`);
    arrays.set(name, member);
  }
  const names = [...arrays.keys()];
  if (names.length === 0 && members.length > 0)
    refuseBytes(source.name, 'a zip file of .npy members', show(members[0].name));
  const opened = new Map<string, Promise<ArrayEntry>>();
  return {
    format: 'npz',
    name: source.name,
    byteSize: source.size,
    names,
    metadata: new Map(),
    has: (name) => arrays.has(name),
    get(name) {
      const member = arrays.get(name);
      if (member === undefined) return Promise.reject(unknownName(source.name, names, name));
      const entry = opened.get(name) ?? openMember(source, name, member);
      opened.set(name, entry);
      return entry;
    },
    async words(name) {
      const member = arrays.get(name);
      if (member === undefined) throw unknownName(source.name, names, name);
      const where = arrayWhere(source.name, name);
      return npyWords(await memberSource(source, where, member), where);
    },
    close: async () => source.close?.(),
  };
}

async function openMember(source: ByteSource, name: string, member: ZipMember): Promise<ArrayEntry> {
  const where = arrayWhere(source.name, name);
  return npyEntry(await memberSource(source, where, member), name, where);
}
