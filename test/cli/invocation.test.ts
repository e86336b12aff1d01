/** How a command is typed again. */
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { programName, quoted } from '../../src/cli/invocation.js';

describe('a command to type again', () => {
  it('begins as it was started', () => {
    expect(programName('/usr/lib/node_modules/.bin/collapsar', {})).toBe('collapsar');
    expect(programName('/home/me/.npm/_npx/1/node_modules/.bin/collapsar', { npm_command: 'exec' })).toBe(
      'npx collapsar',
    );
    expect(programName('/my tools/bin/collapsar.js', {})).toBe("node '/my tools/bin/collapsar.js'");
  });

  it.each(['plain.yaml', 'a b', "it's", '$HOME', '`x`', '', '*', '~', 'ü', 'a;b', '--out=x', 'a\\b'])(
    'quotes %j so that a shell takes it for one word',
    (word) => {
      const { stdout } = spawnSync('sh', ['-c', `printf %s ${quoted(word)}`], { encoding: 'utf8' });
      expect(stdout).toBe(word);
    },
  );
});
