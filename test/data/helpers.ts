/** Shared by the tests of the data room. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { expect } from 'vitest';
import { InputError, type ErrorCode } from '../../src/core/errors.js';
import { crc32 } from '../../src/data/crc32.js';
import { type ByteSource, memorySource, openArrays } from '../../src/data/index.js';

/** A source over bytes that adds up what is asked of it. */
export function countingSource(bytes: Uint8Array): ByteSource & { asked: number; largest: number } {
  const inner = memorySource('test.file', bytes);
  const source = {
    name: inner.name,
    size: inner.size,
    asked: 0,
    largest: 0,
    read(offset: number, length: number) {
      source.asked += length;
      source.largest = Math.max(source.largest, length);
      return inner.read(offset, length);
    },
  };
  return source;
}

/** Opens `bytes` and reads every array whole, as float64. */
export async function readAll(source: ByteSource): Promise<Map<string, Float64Array>> {
  const file = await openArrays(source);
  const out = new Map<string, Float64Array>();
  for (const name of file.names) out.set(name, await (await file.get(name)).all());
  return out;
}

/** Holds that `action` is refused with an InputError of one line, and gives it. */
export async function refusal(
  action: () => Promise<unknown>,
  code: ErrorCode = 'format',
): Promise<InputError> {
  let error: unknown = null;
  try {
    await action();
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(InputError);
  const refused = error as InputError;
  expect(refused.code, refused.message).toBe(code);
  // eslint-disable-next-line no-control-regex
  expect(refused.message).not.toMatch(/[\u0000-\u001f]/);
  return refused;
}

/** What to put into a hand-made zip; the `declared` fields lie where the real ones would stand. */
export interface RawMember {
  readonly name: string;
  readonly data: Uint8Array;
  readonly deflate?: boolean;
  readonly method?: number;
  readonly flags?: number;
  readonly declaredSize?: number;
  readonly declaredCrc?: number;
  readonly declaredOffset?: number;
  readonly zip64?: boolean;
}

/** A zip file byte by byte, honest or not. */
export function rawZip(
  members: readonly RawMember[],
  options: { readonly zip64End?: boolean } = {},
): Uint8Array {
  const pieces: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const member of members) {
    const name = Buffer.from(member.name);
    const packed = member.deflate === true ? deflateRawSync(member.data) : Buffer.from(member.data);
    const method = member.method ?? (member.deflate === true ? 8 : 0);
    const size = member.declaredSize ?? member.data.length;
    const crc = member.declaredCrc ?? crc32(member.data);
    const at = member.declaredOffset ?? offset;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(member.flags ?? 0, 6);
    local.writeUInt16LE(method, 8);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(member.flags ?? 0, 8);
    entry.writeUInt16LE(method, 10);
    entry.writeUInt32LE(crc, 16);
    const far = member.zip64 === true;
    entry.writeUInt32LE(far ? 0xffffffff : packed.length, 20);
    entry.writeUInt32LE(far ? 0xffffffff : size, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(far ? 28 : 0, 30);
    entry.writeUInt32LE(far ? 0xffffffff : at, 42);
    const extra = Buffer.alloc(far ? 28 : 0);
    if (far) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      [size, packed.length, at].forEach((value, k) => extra.writeBigUInt64LE(BigInt(value), 4 + 8 * k));
    }
    pieces.push(local, name, packed);
    central.push(entry, name, extra);
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(options.zip64End === true ? 0xffffffff : offset, 16);
  if (options.zip64End !== true) return new Uint8Array(Buffer.concat([...pieces, directory, end]));
  const far = Buffer.alloc(76);
  far.writeUInt32LE(0x06064b50, 0);
  far.writeBigUInt64LE(44n, 4);
  [members.length, members.length, directory.length, offset].forEach((value, k) =>
    far.writeBigUInt64LE(BigInt(value), 24 + 8 * k),
  );
  far.writeUInt32LE(0x07064b50, 56);
  far.writeBigUInt64LE(BigInt(offset + directory.length), 64);
  far.writeUInt32LE(1, 72);
  return new Uint8Array(Buffer.concat([...pieces, directory, far, end]));
}

const PYTHON = '/usr/bin/python3';

/** Whether Debian's Python can import a module; says so where it cannot. */
export function pythonHas(module: string): boolean {
  const found = existsSync(PYTHON) && spawnSync(PYTHON, ['-c', `import ${module}`]).status === 0;
  if (!found) console.warn(`skipped: ${PYTHON} has no ${module}`);
  return found;
}

/** Runs Python lines in a folder and gives what they print. */
export function python(folder: string, ...lines: readonly string[]): string {
  const run = spawnSync(PYTHON, ['-c', lines.join('\n')], { cwd: folder, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

/** Runs `action` with a new folder that is removed afterwards. */
export async function inFolder<T>(action: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'collapsar-data-'));
  try {
    return await action(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
