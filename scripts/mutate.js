/**
 * Puts small faults into the sources of a room, one at a time, and asks whether its tests notice.
 *
 *   npm run mutate -- --room report --count 20 --seed 1
 *
 * --only PART takes the files with PART in their name, --tests FILES other tests than the room's, --skip KIND,… leaves kinds of
 * faults out (constants are mostly places on a page in `report`), --list shows the faults and runs nothing. --sources leaves
 * `dist/` as it is: tests that start the built program see no fault then, which only hides from them what they would notice.
 * --green does not run the tests without a fault first.
 *
 * A fault meets the tests that bear its file's name first, then the room's.
 *
 * Works on a copy of the tree in a temporary folder, which is removed at the end and on Ctrl-C; the working tree is only
 * read. Faults are drawn with a seed, so that a list of survivors can be tried again. A survivor is either a test that is
 * missing or a change without effect: a person decides which.
 */
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { parseArgs } from 'node:util';
import ts from 'typescript';

const ROOT = resolve(import.meta.dirname, '..');
const VITEST = 'node_modules/vitest/vitest.mjs';

/** Where the tests of a room are; those of `test/` that mirror it, and of the rooms above where those hold it. */
const TESTS = {
  core: ['test/core'],
  model: ['test/model', 'test/theory'],
  head: ['test/head'],
  theory: ['test/theory'],
  'theory/mse': ['test/theory/mse', 'test/ufm/minimum.test.ts'],
  'theory/ce': ['test/theory/ce'],
  metrics: ['test/metrics'],
  ufm: ['test/ufm'],
  nets: ['test/nets'],
  engine: ['test/engine', 'test/nets'],
  data: ['test/data'],
  runs: ['test/runs', 'test/verbs/trainNetwork.test.ts'],
  judge: ['test/judge', 'test/metrics', 'test/verbs'],
  report: ['test/report/'],
  verbs: ['test/verbs'],
  cli: ['test/cli'],
};
/** In a browser or as processes of the built program: they do not see a changed source, or take long. */
const LEFT_OUT = ['test/report/browser.test.ts'];
/** Tests that see most of a room at once: they are run with those that bear a file's name. */
const FIRST = {
  cli: ['test/cli/tables.test.ts', 'test/cli/limits.test.ts'],
  report: ['test/report/places.test.ts'],
};
/** Tests of these rooms start `dist/`, which is built anew for each fault that the first tests do not notice. */
const BUILT = new Set(['cli']);
/** How long tests may run with a fault: four times as long as without one, and three minutes at least; with --green half an hour. */
const LONGEST = 180_000;
const LONGEST_GREEN = 1_800_000;

const { values: options } = parseArgs({
  options: {
    room: { type: 'string' },
    count: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    tests: { type: 'string' },
    skip: { type: 'string', default: '' },
    sources: { type: 'boolean', default: false },
    green: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
if (!(options.room in TESTS)) {
  console.error(`--room: one of ${Object.keys(TESTS).join(', ')}, got ${options.room ?? 'none'}`);
  process.exit(2);
}
const count = Number(options.count);
if (!Number.isSafeInteger(count) || count < 1) {
  console.error(`--count: a positive whole number, got ${options.count}`);
  process.exit(2);
}

/** Every small fault of a file: what stands where, and what is put there. */
function faultsOf(path) {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const faults = [];
  const replace = (node, after, kind) => {
    const start = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(start).line + 1;
    faults.push({ path, line, kind, start, end: node.getEnd(), before: node.getText(source), after });
  };
  visit(source);
  return faults;

  function visit(node) {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node)) return;
    if (ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    changesOf(node);
    ts.forEachChild(node, visit);
  }

  function changesOf(node) {
    if (ts.isNumericLiteral(node)) {
      const value = Number(node.text);
      replace(node, String(value === 0 ? 1 : 2 * value), 'constant × 2');
      if (Number.isInteger(value) && value !== 0) replace(node, String(value - 1), 'constant − 1');
    }
    if (ts.isBinaryExpression(node)) binary(node);
    if (ts.isPrefixUnaryExpression(node)) {
      const inner = node.operand.getText(source);
      if (node.operator === ts.SyntaxKind.MinusToken) replace(node, `(${inner})`, 'sign');
      if (node.operator === ts.SyntaxKind.ExclamationToken) replace(node, `(${inner})`, 'negation dropped');
    }
    if (ts.isConditionalExpression(node)) {
      const [test, yes, no] = [node.condition, node.whenTrue, node.whenFalse].map((n) => n.getText(source));
      replace(node, `${test} ? ${no} : ${yes}`, 'branches swapped');
    }
    // The largest and the least of numbers are the same in any order.
    if (ts.isCallExpression(node) && !/^Math\.(max|min|hypot)$/.test(node.expression.getText(source)))
      swapped(node.arguments, 'arguments swapped');
    if (ts.isObjectLiteralExpression(node)) swappedValues(node);
    if (ts.isAwaitExpression(node)) replace(node, node.expression.getText(source), 'await dropped');
    if (ts.isExpressionStatement(node) && !ts.isStringLiteral(node.expression))
      replace(node, ';', 'statement dropped');
  }

  function binary(node) {
    const [left, right] = [node.left.getText(source), node.right.getText(source)];
    const other = OPERATORS[node.operatorToken.getText(source)] ?? [];
    const words = [node.left, node.right].some(isText);
    for (const operator of other)
      if (!(words && operator === '-')) replace(node, `${left} ${operator} ${right}`, 'operator');
    if (['+', '-', '*', '/'].includes(node.operatorToken.getText(source)) && !words)
      replace(node, left, 'term dropped');
    if (['-', '/'].includes(node.operatorToken.getText(source)))
      replace(node, `(${right}) ${node.operatorToken.getText(source)} (${left})`, 'operands swapped');
  }

  /** Neighbours of one look: two names, or two paths into objects. */
  function swapped(list, kind) {
    for (let i = 0; i + 1 < list.length; i++) {
      if (!alike(list[i], list[i + 1])) continue;
      const [a, b] = [list[i], list[i + 1]];
      const between = text.slice(a.getEnd(), b.getStart(source));
      const start = a.getStart(source);
      const after = b.getText(source) + between + a.getText(source);
      const line = source.getLineAndCharacterOfPosition(start).line + 1;
      faults.push({ path, line, kind, start, end: b.getEnd(), before: text.slice(start, b.getEnd()), after });
    }
  }

  function swappedValues(node) {
    const given = node.properties.filter(ts.isPropertyAssignment).map(({ initializer }) => initializer);
    swapped(given, 'values of neighbouring keys swapped');
  }
}

/** Whether this is a text or is put together from one: with another sign it is no number, which types notice. */
function isText(node) {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right)))
  );
}

function alike(a, b) {
  const plain = (node) => ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
  return plain(a) && plain(b) && a.kind === b.kind && a.getText() !== b.getText();
}

/** What each operator is taken for. */
const OPERATORS = {
  '<': ['<=', '>'],
  '<=': ['<'],
  '>': ['>=', '<'],
  '>=': ['>'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '&&': ['||'],
  '||': ['&&'],
};

/** `count` of the faults, spread over files and kinds by chance: the same for the same seed. */
function sample(faults, count, seed) {
  let state = (seed >>> 0) + 0x9e3779b9;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const left = [...faults];
  const taken = [];
  while (taken.length < count && left.length > 0)
    taken.push(...left.splice(Math.floor(random() * left.length), 1));
  return taken;
}

async function campaign(faults) {
  const copy = mkdtempSync(join(tmpdir(), 'collapsar-mutate-'));
  let running = null;
  const end = (code) => {
    if (running !== null) killGroup(running);
    rmSync(copy, { recursive: true, force: true });
    process.exit(code);
  };
  process.on('SIGINT', () => end(130));
  process.on('SIGTERM', () => end(143));
  copyTree(copy);
  const tests = options.tests === undefined ? TESTS[options.room] : options.tests.split(',');
  let longest = 2 ** 31 - 1;
  /** Null where it passes, else the test that failed first. */
  const inCopy = (command, args) =>
    new Promise((done) => {
      let printed = '';
      running = spawn(command, args, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
      for (const stream of [running.stdout, running.stderr]) stream.on('data', (text) => (printed += text));
      let cut = false;
      const timer = setTimeout(() => {
        cut = true;
        killGroup(running);
      }, longest);
      running.on('close', (code) => {
        clearTimeout(timer);
        running = null;
        if (cut) done(NO_END);
        else done(code === 0 ? null : firstFailure(printed));
      });
    });
  const exclude = LEFT_OUT.flatMap((path) => ['--exclude', path]);
  const pass = (some) =>
    inCopy(process.execPath, [VITEST, 'run', '--bail', '1', '--maxWorkers', '1', ...exclude, ...some]);
  const passes = async () => {
    if (BUILT.has(options.room) && options.tests === undefined && !options.sources) {
      await inCopy('npx', ['tsc', '-p', 'tsconfig.build.json', '--noCheck']);
      if (existsSync(join(copy, 'scripts/buildCommand.js')))
        await inCopy('node', ['scripts/buildCommand.js']);
    }
    return pass(tests);
  };
  const noticedFirst = async (path) => {
    if (options.tests !== undefined) return null;
    const first = testsNamedAfter(path);
    return first.length === 0 ? null : await pass(first);
  };

  const began = Date.now();
  const broken = options.green ? null : await passes();
  if (broken !== null) {
    console.error(`the tests fail without any fault (${broken}): nothing to measure`);
    end(1);
  }
  longest = options.green ? LONGEST_GREEN : Math.max(LONGEST, 4 * (Date.now() - began));
  const results = { noticed: 0, SURVIVED: 0, 'no end': 0 };
  for (const [i, fault] of faults.entries()) {
    const path = join(copy, fault.path);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.slice(0, fault.start) + fault.after + text.slice(fault.end));
    const by = (await noticedFirst(fault.path)) ?? (await passes());
    writeFileSync(path, text);
    const result = resultOf(by);
    results[result]++;
    console.log(`${i + 1}/${faults.length}  ${result.padEnd(8)}  ${describe(fault)}`);
    if (result === 'noticed') console.log(`      by ${by}`);
  }
  const counts = [faults.length, ...Object.values(results)].map((n) => String(n).padStart(8));
  console.log(
    `\nroom        faults   noticed  survived    no end\n${options.room.padEnd(10)}${counts.join('  ')}`,
  );
  end(0);
}

/** The tests were cut off: by a fault that sends one round for ever, or by a machine with too much to do. A person decides which. */
const NO_END = 'no end';

/** What a fault came to, by the test that failed first. */
function resultOf(by) {
  if (by === null) return 'SURVIVED';
  return by === NO_END ? NO_END : 'noticed';
}

/** The test that failed, in what a run of tests printed. */
function firstFailure(printed) {
  // eslint-disable-next-line no-control-regex
  const lines = printed.replace(/\u001b\[[0-9;]*m/g, '').split('\n');
  const failed = lines.find((line) => /^ *FAIL /.test(line));
  const why = lines.find((line) => /^\w*Error: /.test(line)) ?? '';
  return failed === undefined ? 'an end without a result' : `${failed.trim().slice(5)}  ${why}`.trim();
}

/** Tests of the room with the name of a source file, and those that see most of the room. */
function testsNamedAfter(path) {
  const name = basename(path, '.ts').replace(/\.node$/, '');
  const folder = join(ROOT, 'test', options.room);
  const named = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && basename(file).startsWith(name))
    .map((file) => join('test', options.room, file));
  const first = (FIRST[options.room] ?? []).filter((file) => existsSync(join(ROOT, file)));
  return [...new Set([...named, ...first])];
}

/** The tree without what is large; packages and documents, which tests only read, are linked. */
function copyTree(copy) {
  const left = new Set(['.git', 'node_modules', 'runs', 'coverage', 'docs', 'bench']);
  for (const name of readdirSync(ROOT))
    if (!left.has(name)) cpSync(join(ROOT, name), join(copy, name), { recursive: true });
  for (const name of ['node_modules', 'docs', 'bench']) symlinkSync(join(ROOT, name), join(copy, name));
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

function describe({ path, line, kind, before, after }) {
  const short = (text) => text.replace(/\s+/g, ' ').slice(0, 70);
  return `${relative('src', path)}:${line}  ${kind}: ${short(before)}  →  ${short(after)}`;
}

const files = readdirSync(join(ROOT, 'src', options.room), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('index.ts') && !/Bytes\.ts$/.test(name))
  .filter((name) => options.only === undefined || name.includes(options.only))
  .map((name) => join('src', options.room, name))
  .sort();
const skipped = options.skip.split(',').filter((kind) => kind !== '');
const drawn = sample(
  files.flatMap(faultsOf).filter(({ kind }) => !skipped.some((part) => kind.includes(part))),
  count,
  Number(options.seed),
);
if (options.list) {
  for (const fault of drawn) console.log(describe(fault));
  process.exit(0);
}
await campaign(drawn);
