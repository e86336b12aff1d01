/**
 * The spec of a run: YAML or JSON, one schema, unknown keys refused.
 */
import { stringify } from 'yaml';
import { z } from 'zod';
import { InputError, refuse, show } from '../core/errors.js';
import { nearest } from '../core/suggest.js';
import { BIASES, createProblem, lossFrom, parseCounts, type Problem } from '../model/index.js';
import {
  LARGEST_LENGTH,
  NETWORK_FORMS,
  NETWORK_KEYS,
  networkSchema,
  type NetworkSpec,
} from './networkSpec.js';
import { LARGEST_YAML, parseSpecText } from './specText.js';
import { loss, VARIATION_FORMS, variationKeys, variationsOfSpec } from './variationKeys.js';

const positive = z.number().positive();
const perLayer = z.union([positive, z.array(positive).min(1)]);

const optimizer = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    learningRate: positive.default(0.1),
    momentum: z.number().min(0).lt(1).default(0.9),
  }),
  z.strictObject({
    name: z.literal('lbfgs'),
    memory: z.int().min(1).max(1000).default(20),
    tolerance: z.number().min(0).default(1e-10),
  }),
]);

const init = z.union([
  z.strictObject({ std: z.number().min(0).default(0.1), seed: z.int().default(0) }),
  z.strictObject({ file: z.string().min(1) }),
]);

/** The unconstrained-features model. Defaults are those of the paper's direct experiments. */
const ufm = z.strictObject({
  kind: z.literal('ufm'),
  name: z
    .string()
    .regex(/^[\w.-]+$/, 'letters, digits, dot, dash and underscore')
    .optional(),
  counts: z.union([z.array(z.int().positive()).min(1), z.string()]),
  depth: z.int().min(1).max(1000),
  width: z.union([z.int().positive(), z.array(z.int().positive()).min(1)]),
  loss: loss.default('mse'),
  bias: z.enum(BIASES).default('none'),
  weightDecay: perLayer,
  featureDecay: positive,
  ...variationKeys,
  optimizer: optimizer.prefault({ name: 'sgd' }),
  steps: z.int().min(0).max(LARGEST_LENGTH),
  measureEvery: z.int().positive().default(100),
  checkpointEvery: z.int().positive().optional(),
  init: init.prefault({}),
});

/** A spec as read, defaults filled in. */
export type UfmSpec = z.infer<typeof ufm>;
export type RunSpec = UfmSpec | NetworkSpec;

const UFM_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(ufm.shape),
  optimizer: ['name', 'learningRate', 'momentum', 'memory', 'tolerance'],
  init: ['std', 'seed', 'file'],
};

const UFM_FORMS: Forms = {
  ...VARIATION_FORMS,
  counts: 'a count for each class, [200, 100, 50], or 5000x10, or longtail:5000:100:10',
  width: 'one whole number, or a list of one for each layer',
  weightDecay: 'one positive number, or a list of one for each layer',
  optimizer: 'a section, for example {name: sgd, learningRate: 0.1} or {name: lbfgs}',
  init: '{std: 0.1, seed: 0}, or {file: start.npz}',
};

/** Parses JSON or YAML. `where` is the file's name in errors. */
export function parseSpec(text: string, where: string): RunSpec {
  return checkSpec(parseSpecText(text, where), where);
}

/** Checks a parsed spec and fills defaults in. Throws one-line argument errors naming the key. */
export function checkSpec(value: unknown, where: string): RunSpec {
  const kind = typeof value === 'object' && value !== null ? (value as { kind?: unknown }).kind : undefined;
  if (kind !== 'ufm' && kind !== 'network')
    refuse(
      `${where}: kind`,
      'ufm or network',
      kind,
      'the unconstrained-features model, or a network on images',
    );
  const parsed = kind === 'ufm' ? ufm.safeParse(value) : networkSchema.safeParse(value);
  if (parsed.success) {
    if (parsed.data.kind === 'ufm') problemOf(parsed.data);
    return parsed.data;
  }
  // A key with a typo explains the one that is missing: it is named first.
  const issues = parsed.error.issues;
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0];
  const [keys, forms] = kind === 'ufm' ? [UFM_KEYS, UFM_FORMS] : [NETWORK_KEYS, NETWORK_FORMS];
  throw describe(issue, value, where, keys, forms);
}

type Keys = Readonly<Record<string, readonly string[]>>;
type Forms = Readonly<Partial<Record<string, string>>>;

function describe(
  issue: z.core.$ZodIssue,
  value: unknown,
  where: string,
  keys: Keys,
  forms: Forms,
): InputError {
  // A union hides what is wrong inside its branch: take the branch that got furthest, and there a typo first.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const nested = issue.errors
      .map((issues) => ({ strange: strangeKeys(issues), first: issues.find(isStrange) ?? issues[0] }))
      .sort(
        (a, b) =>
          Number(isOfAnotherKind(a.first)) - Number(isOfAnotherKind(b.first)) ||
          a.strange - b.strange ||
          b.first.path.length - a.first.path.length ||
          Number(a.first.code === 'invalid_type') - Number(b.first.code === 'invalid_type'),
      )[0].first;
    return describe({ ...nested, path: [...issue.path, ...nested.path] }, value, where, keys, forms);
  }
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0];
    const known = keys[path.join('.')] ?? [];
    if (known.includes(key))
      return new InputError(
        'argument',
        [where, ...path].join(': '),
        'keys that go together',
        show(key),
        together(path),
      );
    const near = nearest(key, known);
    const hint =
      near === null ? `keys are ${known.join(', ')}` : `did you mean ${[...path, near].join('.')}?`;
    return new InputError('argument', [where, ...path].join(': '), 'known keys only', show(key), hint);
  }
  const at = path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
  const name = path.join('.');
  const requirement = forms[name] ?? requirementOf(issue);
  const missing = at === undefined && path.length > 0;
  return new InputError(
    'argument',
    [where, name].filter((part) => part !== '').join(': '),
    requirement,
    show(at),
    missing ? `${name} is missing` : undefined,
  );
}

function isStrange(issue: z.core.$ZodIssue): issue is z.core.$ZodIssueUnrecognizedKeys {
  return issue.code === 'unrecognized_keys';
}

/** The whole value is not what the branch takes: text where it has keys. */
function isOfAnotherKind(issue: z.core.$ZodIssue): boolean {
  return issue.path.length === 0 && !isStrange(issue);
}

/** How many keys a branch does not know. */
function strangeKeys(issues: readonly z.core.$ZodIssue[]): number {
  return issues.filter(isStrange).reduce((sum, { keys }) => sum + keys.length, 0);
}

/** Which keys of a section exclude each other. */
function together(path: readonly string[]): string {
  switch (path[0]) {
    case 'init':
      return 'either file, or std and seed';
    case 'decay':
      return 'either all, or head, features, featureScale, bias and backbone';
    case 'architecture':
      return 'layers, width and batchNorm belong to mlp, widthMultiplier to the others';
    default:
      return 'each optimizer has its own: sgd momentum, lbfgs memory and tolerance, adam beta1, beta2 and epsilon';
  }
}

/** What a value has to be, as the other refusals put it. */
function requirementOf(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'invalid_union':
      return 'options' in issue ? issue.options.map(String).join(' or ') : 'one of its forms';
    case 'too_small':
      return bound(issue.inclusive === true ? 'at least' : 'more than', issue.minimum, issue.origin);
    case 'too_big':
      return bound(issue.inclusive === true ? 'at most' : 'less than', issue.maximum, issue.origin);
    // The schema says itself which characters it takes.
    case 'invalid_format':
    default:
      return issue.message;
  }
}

/** A measurement looks at every pair of classes. */
const MOST_CLASSES = 2 ** 17;
function bound(relation: string, limit: number | bigint, origin: string): string {
  const parts = { string: ' characters', array: ' items' }[origin];
  return parts === undefined ? `${relation} ${limit}` : `${relation} ${limit}${parts}`;
}

const TYPES: Readonly<Partial<Record<string, string>>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  object: 'keys with values',
  array: 'a list',
};

/** The problem a spec describes, checked. */
export function problemOf(spec: UfmSpec): Problem {
  return createProblem({
    counts: typeof spec.counts === 'string' ? parseCounts(spec.counts, MOST_CLASSES) : spec.counts,
    depth: spec.depth,
    widths: spec.width,
    ...lossFrom('loss', spec.loss),
    bias: spec.bias,
    ...variationsOfSpec(spec),
    weightDecays: spec.weightDecay,
    featureDecay: spec.featureDecay,
  });
}

/** The spec as YAML, as kept in a run folder; as JSON, which is YAML too, where it is too long to be read back otherwise. */
export function formatSpec(spec: RunSpec): string {
  const text = stringify(spec, { flowCollectionPadding: false, collectionStyle: 'any' });
  return text.length <= LARGEST_YAML ? text : `${JSON.stringify(spec)}\n`;
}

/** Whether two specs describe one run; the number of steps or epochs may differ: a run can be continued for longer. */
export function sameRun(a: RunSpec, b: RunSpec): boolean {
  // Neither the order of keys nor a default that one of them leaves out makes another run.
  const key = (spec: RunSpec) =>
    JSON.stringify({ ...checkSpec(spec, 'spec'), steps: 0, epochs: 0, name: '' }, sortedKeys);
  return key(a) === key(b);
}

function sortedKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
