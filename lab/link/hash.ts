/**
 * The state as the part of an address after `#`, and back: `v=1&counts=200,100,50,50&depth=3&…`, one key a field, only what
 * differs from the default. It reads well enough to be edited by hand; nothing of it reaches a server.
 */
import { InputError } from 'collapsar/core';
import { parseCounts } from 'collapsar/model';
import {
  checkState,
  DEFAULT_STATE,
  LIMITS,
  networkAs,
  STATE_VERSION,
  type Checked,
  type LabState,
} from './labState.js';
import { stateAt } from './stops.js';

type Part = 'problem' | 'training' | 'view' | 'network';

/** Key of the address → where the field is. */
const FIELDS: readonly (readonly [key: string, part: Part, field: string])[] = [
  ['counts', 'problem', 'counts'],
  ['depth', 'problem', 'depth'],
  ['width', 'problem', 'width'],
  ['loss', 'problem', 'loss'],
  ['bias', 'problem', 'bias'],
  ['wd', 'problem', 'weightDecay'],
  ['fd', 'problem', 'featureDecay'],
  ['seed', 'training', 'seed'],
  ['scale', 'training', 'scale'],
  ['lr', 'training', 'learningRate'],
  ['momentum', 'training', 'momentum'],
  ['view', 'view', 'projection'],
  ['axes', 'view', 'axes'],
  ['yaw', 'view', 'yaw'],
  ['pitch', 'view', 'pitch'],
  ['zoom', 'view', 'zoom'],
  ['beside', 'network', 'beside'],
  ['nloss', 'network', 'loss'],
  ['nwd', 'network', 'weightDecays'],
  ['nfeature', 'network', 'feature'],
  ['nfd', 'network', 'featureDecay'],
];

/** Longer ones are not links that the lab made. */
const LONGEST = 4000;

/** The address part of a state, without `#`; empty for the default. */
export function hashOf(state: LabState): string {
  const parts: string[] = [];
  const defaults = { ...DEFAULT_STATE, network: networkAs(state.problem) };
  for (const [key, part, field] of FIELDS) {
    const fields = state[part];
    if (fields === null) continue;
    const value = fieldOf(fields, field);
    // `beside` says that the network has settings of its own, though they be the problem's today.
    if (key !== 'beside' && String(value) === String(fieldOf(defaults[part], field))) continue;
    parts.push(`${key}=${textOf(value)}`);
  }
  if (state.tour !== 0) parts.push(`tour=${state.tour}`);
  return parts.length === 0 ? '' : [`v=${STATE_VERSION}`, ...parts].join('&');
}

/** The state of an address part; what is wrong with it is in `complaints`. */
export function readHash(hash: string): Checked {
  const text = hash.replace(/^#/, '');
  if (text === '') return { state: DEFAULT_STATE, complaints: [] };
  if (text.length > LONGEST)
    return {
      state: DEFAULT_STATE,
      complaints: [`The link is ${text.length} characters long, more than the lab makes: it was not read.`],
    };
  const parameters = new URLSearchParams(text);
  const parts: Partial<Record<Part, Record<string, unknown>>> = {};
  const unknown: string[] = [];
  for (const [key, value] of parameters) {
    const known = FIELDS.find(([name]) => name === key);
    if (known !== undefined) (parts[known[1]] ??= {})[known[2]] = valueOf(value, known[2]);
    else if (key !== 'v' && key !== 'tour') unknown.push(key);
  }
  const version = parameters.get('v');
  const tour = parameters.get('tour');
  const checked = checkState({
    // Typed by hand, without a version: it can only mean this one.
    version: version === null ? STATE_VERSION : numberOr(version),
    ...parts,
    ...(tour === null ? {} : { tour: numberOr(tour) }),
  });
  const { complaints } = checked;
  // A stop by its number alone: the problem is its own.
  const bare = checked.state.tour !== 0 && parts.problem === undefined && parts.training === undefined;
  const { problem, training } = bare ? stateAt(checked.state.tour) : checked.state;
  return {
    state: { ...checked.state, problem, training },
    complaints:
      unknown.length === 0
        ? complaints
        : [...complaints, `The link has keys that the lab does not know: ${unknown.slice(0, 5).join(', ')}.`],
  };
}

function fieldOf(part: object, field: string): unknown {
  return (part as Readonly<Record<string, unknown>>)[field];
}

function textOf(value: unknown): string {
  if (typeof value === 'number') return numberText(value);
  return Array.isArray(value) ? value.map((entry) => numberText(Number(entry))).join(',') : String(value);
}

/** All digits, in the shorter of two ways. */
function numberText(value: number): string {
  const plain = String(value);
  const power = value.toExponential().replace('e+', 'e');
  return power.length < plain.length ? power : plain;
}

function valueOf(text: string, field: string): unknown {
  if (field === 'counts') return countsOf(text);
  if (field === 'axes' || field === 'weightDecays') return text.split(',').map(numberOr);
  return WORDS.has(field) ? text : numberOr(text);
}

const WORDS: ReadonlySet<string> = new Set(['loss', 'bias', 'projection', 'beside', 'feature']);

/** In the words of the command line too: 50x4, longtail:500:100:10. */
function countsOf(text: string): unknown {
  const listed = text.split(',').map(numberOr);
  if (listed.every((count) => typeof count === 'number')) return listed;
  try {
    const counts = parseCounts(text);
    return counts.length <= LIMITS.classes[1] ? counts : [text];
  } catch (error) {
    if (error instanceof InputError) return listed;
    throw error;
  }
}

/** A number, or the text as it was for the complaint. */
function numberOr(text: string): unknown {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isFinite(value) ? value : text;
}
