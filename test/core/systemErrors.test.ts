import { describe, expect, it } from 'vitest';
import { describeSystemRefusal, isSystemRefusal, naming } from '../../src/core/systemErrors.js';

const coded = (code: string, path?: string): Error =>
  Object.assign(new Error(`${code}: something`), { code }, path === undefined ? {} : { path });

describe('what the machine refuses', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'EBUSY', 'ESTALE'])(
    '%s is said in one line that names the file and what to do',
    async (code) => {
      const failed = naming('runs/a/summary.json', () => Promise.reject(coded(code)));
      const error = await failed.then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(describeSystemRefusal(error)).toMatch(
        new RegExp(`^runs/a/summary\\.json: [^\\n]+, got [^\\n]+ \\(${code}\\); [^\\n]+, then run it again$`),
      );
    },
  );

  it('names the file that was asked for, not the one beside it', async () => {
    const failed = naming('checkpoint', () => Promise.reject(coded('ENOSPC', '.checkpoint.tmp')));
    await expect(failed).rejects.toMatchObject({ code: 'ENOSPC', path: 'checkpoint' });
  });

  it.each([coded('ENOENT'), new Error('plain'), 'text', null])('leaves others alone: %s', (error) => {
    expect(isSystemRefusal(error)).toBe(false);
    expect(describeSystemRefusal(error)).toBeNull();
  });
});
