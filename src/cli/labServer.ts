/**
 * The server of the lab: the files of one folder, on 127.0.0.1, to a browser on this machine and to nobody else.
 *
 * The Host header must name this machine: a page elsewhere whose name was pointed at 127.0.0.1 (DNS rebinding) is refused, for a
 * browser sends the name that it went to. Its port may be any: that of a tunnel (ssh -L), or none for port 80.
 * Only names that were in the folder at the start are served, so no path can lead out of it.
 */
import { readdir, readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { InputError } from '../core/errors.js';

/** Files that the page opens by itself, as if they were dropped on it: those of a run. */
export type OpenedFiles = readonly { readonly name: string; readonly text: string }[];

export interface LabServer {
  readonly port: number;
  readonly url: string;
  close(): Promise<void>;
}

const TYPES: Readonly<Partial<Record<string, string>>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const gzipped = promisify(gzip);

const HOST = '127.0.0.1';
const THIS_MACHINE = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

/** Serves `folder`; port 0 takes a free one. Throws argument errors for a folder that is not built and a port that is taken. */
export async function serveLab(folder: string, port: number, opened: OpenedFiles = []): Promise<LabServer> {
  const files = await namesIn(folder);
  const policy = await policyOf(folder);
  const server = createServer((request, response) => {
    void answer(request, response, { folder, files, policy, opened }).catch(() => response.destroy());
  });
  await listen(server, port);
  const boundPort = (server.address() as AddressInfo).port;
  return {
    port: boundPort,
    url: `http://${HOST}:${boundPort}/`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder).catch((): string[] => []);
  if (!entries.includes('index.html'))
    throw new InputError('file', 'lab', 'the built page', `none in ${folder}`, 'run "npm run build" first');
  return new Set(entries);
}

/** The policy of the page itself, and what only a header may say: no other page may frame this one. */
async function policyOf(folder: string): Promise<string> {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  const pagePolicy =
    /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "default-src 'none'";
  return `${pagePolicy}; frame-ancestors 'none'`;
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', (error: NodeJS.ErrnoException) => fail(refusal(error, port)));
    server.listen(port, HOST, done);
  });
}

function refusal(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new InputError(
      'argument',
      '--port',
      'a free port',
      `${port}, which another program uses`,
      `try --port ${port < 65_535 ? port + 1 : port - 1}, or --port 0 for any free one`,
    );
  if (error.code === 'EACCES')
    return new InputError(
      'argument',
      '--port',
      'a port that you may open',
      String(port),
      'ports below 1024 belong to the system: take a larger one',
    );
  return error;
}

interface Served {
  readonly folder: string;
  readonly files: ReadonlySet<string>;
  readonly policy: string;
  readonly opened: OpenedFiles;
}

/**
 * The page with files in a block of data, which is no script: nothing in it can end the block. It leads elsewhere than what is
 * drawn in it.
 */
function withOpened(name: string, page: Buffer, opened: OpenedFiles): Buffer {
  if (name !== 'index.html' || opened.length === 0) return page;
  const data = JSON.stringify(opened).replaceAll('<', '\\u003c');
  const block = `<script type="application/json" id="opened-files">${data}</script>`;
  const text = page.toString('utf8').replace('<html ', '<html class="elsewhere" ');
  return Buffer.from(text.replace('</body>', () => `${block}</body>`));
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { folder, files, policy, opened }: Served,
): Promise<void> {
  if (!THIS_MACHINE.test(request.headers.host ?? '')) {
    refuse(response, 403, 'the lab answers to 127.0.0.1, [::1] and localhost only');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    refuse(response, 405, 'the lab is only read');
    return;
  }
  const path = (request.url ?? '/').split('?')[0].slice(1);
  const name = path === '' ? 'index.html' : path;
  const type = TYPES[extname(name)];
  if (!files.has(name) || type === undefined) {
    refuse(response, 404, 'no such file in the lab');
    return;
  }
  const plain = withOpened(name, await readFile(join(folder, name)), opened);
  const packed = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '');
  const bytes = packed ? await gzipped(plain) : plain;
  response.writeHead(200, {
    'content-type': type,
    'content-length': bytes.length,
    vary: 'accept-encoding',
    ...(packed ? { 'content-encoding': 'gzip' } : {}),
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    // Names of scripts and styles hold a hash of what is inside.
    'cache-control': name === 'index.html' ? 'no-cache' : 'max-age=31536000, immutable',
  });
  response.end(request.method === 'HEAD' ? undefined : bytes);
}

function refuse(response: ServerResponse, status: number, words: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(`${words}\n`);
}
