import { describe, expect, it } from 'vitest';
import { refusalText } from '../../src/cli/refusalText.js';

describe('what the machine refuses, on the command line', () => {
  it.each(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EROFS', 'EMFILE', 'ENFILE', 'EBUSY', 'ESTALE'])(
    '%s is said in one line that names the file, what to do, and how a run goes on',
    (code) => {
      const error = Object.assign(new Error('something'), { code, path: 'runs/a/summary.json' });
      expect(refusalText(error)).toMatch(
        new RegExp(`^runs/a/summary\\.json: [^\\n]+, got [^\\n]+ \\(${code}\\); [^\\n]+--resume\\)$`),
      );
    },
  );

  it('leaves other errors to others', () => {
    expect(refusalText(new Error('no code'))).toBeNull();
  });
});
