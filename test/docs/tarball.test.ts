/**
 * The package from its tarball, with no script of anybody run: its command and its library answer.
 *
 * Offline: its dependencies are links into this checkout.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { collapsar, temporaryFolder } from '../support/cli.js';
import { ROOT } from './documents.js';

const folder = temporaryFolder();
const inFolder = (command: string, args: readonly string[]) =>
  execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

beforeAll(() => {
  // As it is built: `prepare` would build it anew.
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'))!;
  writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}');
  // npm would fetch the dependencies from a registry; without one they are linked, and the tarball unpacked beside them.
  const target = join(folder, 'node_modules', 'collapsar');
  mkdirSync(target, { recursive: true });
  inFolder('tar', ['xzf', tarball, '-C', target, '--strip-components=1']);
  const { dependencies, bin } = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
    bin: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    mkdirSync(join(folder, 'node_modules', name, '..'), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
  mkdirSync(join(folder, 'node_modules', '.bin'));
  symlinkSync(join(target, bin.collapsar), join(folder, 'node_modules', '.bin', 'collapsar'));
}, 60_000);

describe('the tarball', () => {
  it('has a command that predicts what this checkout predicts', () => {
    const args = ['predict', '--counts', '200,100,50,10', '--depth', '2', '--json'];
    const printed = inFolder(join(folder, 'node_modules', '.bin', 'collapsar'), args);
    expect(JSON.parse(printed)).toEqual(JSON.parse(collapsar(args).stdout));
  });

  it('has a library with every way in', () => {
    const { exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const ways = Object.keys(exports).filter((path) => path !== './package.json');
    expect(ways.length).toBeGreaterThan(10);
    const code = ways.map(
      (path) => `console.log(Object.keys(await import('${path.replace('.', 'collapsar')}')).length)`,
    );
    const printed = inFolder(process.execPath, ['--input-type=module', '-e', code.join(';')]);
    const sizes = printed.trim().split('\n').map(Number);
    expect(sizes).toHaveLength(ways.length);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });

  it('holds the presets and guides that the README speaks of', () => {
    for (const name of [
      'presets/paper-imbalanced.yaml',
      'docs/theory.md',
      'examples/decays.js',
      'dist/lab/index.html',
    ])
      expect(readdirSync(join(folder, 'node_modules', 'collapsar', name, '..'))).toContain(
        name.split('/').at(-1),
      );
  });
});
