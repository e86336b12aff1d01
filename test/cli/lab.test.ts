/** `collapsar lab` as a user starts it, and its server as a stranger might ask it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, collapsar as built } from '../support/cli.js';
import { portableBlas } from '../../src/core/portableBlas.js';
import { filesOfRun } from '../../src/cli/labRun.js';
import { serveLab } from '../../src/cli/labServer.js';
import { readMonitoredReplay, readRecords } from '../../src/runs/index.js';
import { collapsar } from '../support/commandInProcess.js';

const FOLDER = fileURLToPath(new URL('../../dist/lab/', import.meta.url));

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A request as raw as a stranger's: the path is not tidied, the Host header is what one says it is. */
function ask(
  port: number,
  path: string,
  options: { host?: string; method?: string; address?: string } = {},
): Promise<Reply> {
  return new Promise((done, fail) => {
    const asked = request(
      {
        host: options.address ?? '127.0.0.1',
        port,
        path,
        method: options.method ?? 'GET',
        headers: { host: options.host ?? `127.0.0.1:${port}` },
        timeout: 3000,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (body += part));
        response.on('end', () => done({ status: response.statusCode ?? 0, headers: response.headers, body }));
      },
    );
    asked.on('timeout', () => asked.destroy(new Error('timeout')));
    asked.on('error', fail);
    asked.end();
  });
}

describe('collapsar lab', () => {
  let child: ChildProcess;
  let port = 0;
  const ended: { code: number | null } = { code: null };

  beforeAll(async () => {
    child = spawn(process.execPath, [BIN, 'lab', '--port', '0', '--no-open', '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const line = await new Promise<string>((done) => {
      child.stdout?.once('data', (part: Buffer) => done(part.toString()));
    });
    const { url } = JSON.parse(line) as { url: string };
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    port = Number(new URL(url).port);
  });
  afterAll(() => {
    if (ended.code === null) child.kill('SIGKILL');
  });

  it('serves compressed to those who take it, and plainly to others', async () => {
    const [script] = readdirSync(FOLDER).filter((name) => /^style-.*\.css$/.test(name));
    const get = async (encoding: string) => {
      const reply = await fetch(`http://127.0.0.1:${port}/${script}`, {
        headers: { 'accept-encoding': encoding },
      });
      return { headers: reply.headers, text: await reply.text() };
    };
    const [packed, plain] = [await get('gzip'), await get('identity')];
    expect(packed.headers.get('content-encoding')).toBe('gzip');
    expect(plain.headers.get('content-encoding')).toBe(null);
    expect(packed.text).toBe(plain.text);
    const [small, large] = [packed, plain].map(({ headers }) => Number(headers.get('content-length')));
    expect(small).toBeLessThan(large / 2);
  });

  it('serves its own files, each with its type', async () => {
    const page = await ask(port, '/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect((await ask(port, '/index.html')).body).toBe(page.body);
    const named = [...page.body.matchAll(/<(?:link|script)[^>]* (?:src|href)="([^"]+)"/g)].map(
      (match) => match[1],
    );
    expect(named.length).toBeGreaterThanOrEqual(3);
    for (const name of named) {
      expect(name).not.toMatch(/^(\/|https?:)/);
      expect((await ask(port, `/${name}`)).status, name).toBe(200);
    }
    for (const name of readdirSync(FOLDER)) expect((await ask(port, `/${name}`)).status, name).toBe(200);
  });

  it('sends a policy without a remote origin or an inline script', async () => {
    const { headers } = await ask(port, '/');
    const policy = String(headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    // Of code made at run time WebAssembly alone: the kernels of measures and of the search.
    expect(policy).toContain(" 'wasm-unsafe-eval'");
    expect(policy.replace(" 'wasm-unsafe-eval'", '')).not.toMatch(/script-src[^;]*unsafe|https?:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
  });

  it.each([
    '/../package.json',
    '/..%2f..%2fpackage.json',
    '/%2e%2e/index.js',
    '//etc/passwd',
    '/cli/main.js',
    '/.',
    '/index.html/',
    '/index.html%00.js',
    'http://example.com/',
    '/nothing.js',
  ])('serves nothing for %s', async (path) => {
    expect((await ask(port, path)).status).toBe(404);
  });

  it.each([
    'example.com',
    'example.com:80',
    '127.0.0.1.example.com',
    'localhost.example.com',
    'example.com:localhost',
    'localhost:80:80',
    'localhost@example.com',
    'notlocalhost',
    '127.0.0.1:',
    '[::1',
    '::1',
    '[::2]',
  ])('refuses the Host header “%s”', async (host) => {
    expect((await ask(port, '/', { host })).status).toBe(403);
  });

  // Port 80 is not in the header; a tunnel (ssh -L 9001:localhost:4141) has another port than the server.
  it.each([
    '127.0.0.1',
    'localhost',
    'LOCALHOST',
    'localhost:9001',
    '127.0.0.1:9001',
    '127.0.0.1:80',
    '[::1]',
    '[::1]:9001',
  ])('answers to the Host header “%s”', async (host) => {
    expect((await ask(port, '/', { host })).status).toBe(200);
  });

  it('answers to localhost, and only reads', async () => {
    expect((await ask(port, '/', { host: `localhost:${port}` })).status).toBe(200);
    expect((await ask(port, '/', { method: 'POST' })).status).toBe(405);
    const head = await ask(port, '/', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it('listens on no other address of this machine', async () => {
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of others) await expect(ask(port, '/', { address })).rejects.toThrow();
  });

  it('says in one line how to get past a busy port', () => {
    const busy = built(['lab', '--port', String(port), '--no-open']);
    expect(busy.code).toBe(2);
    expect(busy.stderr.trim()).toBe(
      `error: --port: a free port, got "${port}, which another program uses"; try --port ${port + 1}, or --port 0 for any free one`.replace(
        /"/g,
        '',
      ),
    );
    expect(existsSync(FOLDER)).toBe(true);
  });

  it('ends on Ctrl-C with success', async () => {
    const code = new Promise<number | null>((done) => child.on('close', done));
    child.kill('SIGINT');
    ended.code = await code;
    expect(ended.code).toBe(0);
  });
});

describe('bad arguments of collapsar lab', () => {
  it.each([
    [['--port', '70000'], 'error: --port: a whole number from 0 to 65535, got 70000'],
    [['--port', '1.5'], 'error: --port: a whole number from 0 to 65535, got 1.5'],
    [['--port', 'x'], 'error: --port: a number, got "x"'],
    [
      ['page'],
      'error: page: a run folder, got no folder of that name; a training that is given a folder makes one',
    ],
    [['--no-opne'], 'error: collapsar lab: a known option, got --no-opne; did you mean --no-open?'],
  ])('%j', async (args, message) => {
    const found = await collapsar(['lab', ...args]);
    expect([found.code, found.stderr.trim()]).toEqual([2, message]);
  });

  it('a port taken by something else is left alone', async () => {
    const other = createServer();
    const port = await new Promise<number>((done) =>
      other.listen(0, '127.0.0.1', () => done((other.address() as AddressInfo).port)),
    );
    expect(built(['lab', '--port', String(port), '--no-open']).code).toBe(2);
    await new Promise((done) => other.close(done));
  });
});

describe('collapsar lab RUN', () => {
  it('opens with the records of a run, in a block that is no script', async () => {
    const run = fileURLToPath(new URL('../golden/monitor/run/', import.meta.url));
    const server = await serveLab(FOLDER, 0, [
      ...(await filesOfRun(run, () => portableBlas)),
      { name: 'x.json', text: '</script><script>alert(1)</script>' },
    ]);
    try {
      const { body } = await ask(server.port, '/');
      const block =
        /<script type="application\/json" id="opened-files">([^<]*)<\/script>/.exec(body)?.[1] ?? '';
      const [records, beside, other] = JSON.parse(block) as { name: string; text: string }[];
      expect(readRecords(records.text).records.map(({ network }) => network?.epoch)).toEqual([0, 10, 300]);
      const replay = readMonitoredReplay(beside.text);
      expect(replay).toMatchObject({ step: 300, verdict: { held: false } });
      expect(replay?.theory).toContain('cross-entropy, free bias, λ_W = 0.002, λ_H = ');
      expect(other.text).toContain('<script>alert');
      expect(body).not.toContain('<script>alert');
    } finally {
      await server.close();
    }
    const none = await collapsar(['lab', '/nowhere', '--no-open']);
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('/nowhere')]);
  });
});
