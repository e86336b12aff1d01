/** `collapsar lab`: the page in a browser, served to this machine alone. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { refuse } from '../core/errors.js';
import { parse, singleNumber } from './args.js';
import type { Context, ExitCode, Verb } from './context.js';
import { untilInterrupted } from './interrupt.js';
import { filesOfRun } from './labRun.js';
import { serveLab } from './labServer.js';

const HELP = `collapsar lab: the theory and a live training, in a browser

  collapsar lab
  collapsar lab runs/mine

Serves the page on 127.0.0.1 and opens it; Ctrl-C ends it. Nothing is loaded from
elsewhere and nothing leaves the machine. The folder dist/lab of the package is the
same page for any web server. A folder of train, or of Monitor of the PyTorch
companion, is replayed: its curves, norms and layers over the epochs.

On another machine: ssh -L 9001:localhost:4141 HOST, then http://localhost:9001/.

  --port N               default 4141; 0 takes a free one
  --no-open              print the address only
  --json                 {"url": ADDRESS} on stdout, before it serves`;

const PORT = 4141;

export const labVerb: Verb = {
  help: HELP,
  async run(args, { terminal, blas }: Context): Promise<ExitCode> {
    const options = parse('lab', args, { port: 'value', 'no-open': 'flag' }, ['RUN']);
    const run = options.positionals.at(0);
    const text = options.value('port');
    const port = text === undefined ? PORT : singleNumber('--port', text);
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      refuse('--port', 'a whole number from 0 to 65535', port);
    const opened = run === undefined ? [] : await filesOfRun(run, blas);
    const server = await serveLab(fileURLToPath(new URL('../lab/', import.meta.url)), port, opened);
    terminal.print(options.flag('json') ? JSON.stringify({ url: server.url }) : server.url);
    if (!options.flag('no-open') && !openBrowser(server.url))
      terminal.note('no browser was found to open: follow the address above');
    terminal.note('Ctrl-C ends it');
    await untilInterrupted();
    await server.close();
    return 0;
  },
};

/** Hands the address to the system's way of opening one; the server does not wait for it. */
function openBrowser(url: string): boolean {
  const [command, ...before] = openers[process.platform] ?? ['xdg-open'];
  // Without a screen there is nothing to open it on.
  if (process.platform === 'linux' && !('DISPLAY' in process.env) && !('WAYLAND_DISPLAY' in process.env))
    return false;
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  // A missing opener is no failure: the address stands above.
  child.on('error', () => undefined);
  child.unref();
  return true;
}

const openers: Readonly<Partial<Record<string, readonly string[]>>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
};
