#!/usr/bin/env node
import { existsSync } from 'node:fs';
import * as modules from 'node:module';

// The bundle starts faster; without it (a build by the compiler alone) the modules that it is made of do the same.
const main = ['../dist/command/main.js', '../dist/cli/main.js']
  .map((path) => new URL(path, import.meta.url))
  .find((url) => existsSync(url));
if (main !== undefined) {
  // Where Node can keep what it has compiled (22.8 and later), a second start is faster still.
  modules.enableCompileCache?.();
  const { run } = await import(main.href);
  await run(process.argv.slice(2));
} else {
  console.error('error: dist: a built package, got sources only; run "npm run build" first');
  process.exitCode = 2;
}
