/**
 * Opens a file of arrays by what it contains: npy, npz, safetensors or a zip of torch.save. Extensions are not looked at.
 *
 * Files of HDF5, MATLAB and PyTorch before 1.6 are recognised to be refused with what to do instead. Of a pickle the data are
 * read and nothing is run (`pickle.ts`).
 */
import { show } from '../core/errors.js';
import type { ArrayFile } from './arrayFile.js';
import { type ByteSource, readRange } from './byteSource.js';
import { NPY_MAGIC, openNpy } from './npy.js';
import { npzFromMembers } from './npz.js';
import { latin1 } from './platform.js';
import { refuseStandIn } from './otherFiles.js';
import { pytorchHint } from './pytorchExport.js';
import { refuseBytes } from './refuseBytes.js';
import { MAX_SAFETENSORS_HEADER, openSafetensors } from './safetensors.js';
import { isTorchFile, torchFromMembers } from './torchFile.js';
import { readZipDirectory } from './zipDirectory.js';

/**
 * Opens the arrays of `source`. Throws a format error, one line naming the file, for anything that is not a
 * whole npy, npz, safetensors or torch.save file. On success `close` of the result closes the source; on failure it stays
 * open.
 */
export async function openArrays(source: ByteSource): Promise<ArrayFile> {
  const { name: where, size } = source;
  if (size === 0) refuseBytes(where, WANTED, 'an empty file');
  const start = await readRange(source, where, 'the start of the file', 0, Math.min(size, 520));
  const begins = (magic: readonly number[], at = 0): boolean =>
    magic.every((byte, i) => start[at + i] === byte);
  if (begins(NPY_MAGIC)) return openNpy(source);
  if (begins(ZIP) || begins(ZIP_EMPTY)) return openZip(source);
  if (begins(HDF5) || begins(HDF5, 512))
    refuseBytes(where, WANTED, 'an HDF5 file', 'read it with h5py and write it with numpy.savez');
  if (latin1(start.subarray(0, 10)).startsWith('MATLAB'))
    refuseBytes(
      where,
      WANTED,
      'a MATLAB file',
      'read it with scipy.io.loadmat and write it with numpy.savez',
    );
  if (looksLikeSafetensors(start)) return openSafetensors(source);
  await refuseStandIn(source, start, WANTED);
  if (start[0] === 0x80 && start[1] >= 2 && start[1] <= 5)
    refuseBytes(where, WANTED, 'a pickle alone, as torch.save wrote before PyTorch 1.6', pytorchHint());
  if (begins([0x1f, 0x8b])) refuseBytes(where, WANTED, 'a gzip file', 'unpack it first');
  return refuseBytes(where, WANTED, `a file that begins ${show(latin1(start.subarray(0, 8)))}`);
}

const WANTED = 'an npy, npz, safetensors or torch.save file';
const ZIP: readonly number[] = [0x50, 0x4b, 3, 4];
const ZIP_EMPTY: readonly number[] = [0x50, 0x4b, 5, 6];
const HDF5: readonly number[] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

async function openZip(source: ByteSource): Promise<ArrayFile> {
  const members = await readZipDirectory(source);
  if (isTorchFile(members)) return torchFromMembers(source, members);
  return npzFromMembers(source, members);
}

/** A header length the reader takes, and JSON after it. */
function looksLikeSafetensors(start: Uint8Array): boolean {
  if (start.length < 10 || start[8] !== 0x7b) return false;
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  return length <= BigInt(MAX_SAFETENSORS_HEADER);
}
