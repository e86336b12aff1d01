/**
 * The state as the part of an address after `#`, and back: `v=1&counts=200,100,50,50&depth=3&…`, one key a field, only what
 * differs from the default. It reads well enough to be edited by hand; nothing of it reaches a server.
 */
import { InputError } from 'collapsar/core';
import { parseCounts } from 'collapsar/model';
import { checkState, type Checked } from './checkState.js';
import {
  baseOf,
  LIMITS,
  networkAs,
  START_STATE,
  STATE_VERSION,
  type LabState,
  type Place,
} from './labState.js';
import type { StoryName } from './stories.js';

type Part = 'problem' | 'training' | 'view' | 'network';

/** Key of the address → where the field is. */
const FIELDS: readonly (readonly [key: string, part: Part, field: string])[] = [
  ['counts', 'problem', 'counts'],
  ['depth', 'problem', 'depth'],
  ['width', 'problem', 'width'],
  ['loss', 'problem', 'loss'],
  ['bias', 'problem', 'bias'],
  ['weights', 'problem', 'weighting'],
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
  ['nweights', 'network', 'classWeights'],
];

/** Longer ones are not links that the lab made. */
const LONGEST = 4000;

/** What the stops of the older lab's tour have become, from 1. */
const STOPS: readonly StoryName[] = ['points', 'imbalance', 'lost', 'trapped'];

/** The address part of a state, without `#`; empty for what the page opens with. */
export function hashOf(state: LabState): string {
  const parts: string[] = [];
  const base = baseOf(state.story);
  const defaults = { ...base, network: networkAs(state.problem) };
  if (state.story !== null) parts.push(`story=${state.story}`);
  if (state.place !== base.place || state.network !== null) parts.push(`place=${state.place}`);
  for (const [key, part, field] of FIELDS) {
    const fields = state[part];
    if (fields === null) continue;
    const value = fieldOf(fields, field);
    // `beside` says that the network has settings of its own, though they be the problem's today.
    if (key !== 'beside' && String(value) === String(fieldOf(defaults[part], field))) continue;
    parts.push(`${key}=${textOf(value)}`);
  }
  const text = [`v=${STATE_VERSION}`, ...parts].join('&');
  return text === `v=${STATE_VERSION}&story=${String(START_STATE.story)}` ? '' : text;
}

/** The state of an address part; what is wrong with it is in `complaints`. */
export function readHash(hash: string): Checked {
  const text = plainText(hash.replace(/^#/, ''));
  if (text === '') return { state: START_STATE, complaints: [] };
  if (text.length > LONGEST)
    return {
      state: START_STATE,
      complaints: [`The link is ${text.length} characters long, more than the lab makes: it was not read.`],
    };
  const parameters = new URLSearchParams(text);
  const parts: Partial<Record<Part, Record<string, unknown>>> = {};
  const unknown: string[] = [];
  for (const [key, value] of parameters) {
    const known = FIELDS.find(([name]) => name === key);
    if (known !== undefined) (parts[known[1]] ??= {})[known[2]] = valueOf(value, known[2]);
    else if (!OTHERS.has(key)) unknown.push(key);
  }
  const version = parameters.get('v');
  const story = parameters.get('story') ?? stopOf(parameters.get('tour'), parts);
  const place = parameters.get('place');
  const { state, complaints } = checkState({
    // Typed by hand, without a version: it can only mean this one.
    version: version === null ? STATE_VERSION : numberOr(version),
    ...parts,
    ...(story === null ? {} : { story }),
    ...(place === null ? placeOf(parts) : { place }),
  });
  return {
    state,
    complaints:
      unknown.length === 0
        ? complaints
        : [...complaints, `The link has keys that the lab does not know: ${unknown.slice(0, 5).join(', ')}.`],
  };
}

const OTHERS: ReadonlySet<string> = new Set(['v', 'story', 'place', 'tour']);

/** Some programs encode a whole link, or write its `&` as HTML does. */
function plainText(text: string): string {
  let plain = text;
  if (!text.includes('=') && /%3D/i.test(text))
    try {
      plain = decodeURIComponent(text);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
    }
  return plain.replace(/&amp;/gi, '&');
}

/** The story of an older link's stop, if the link has no problem of its own. */
function stopOf(tour: string | null, parts: Partial<Record<Part, unknown>>): StoryName | null {
  if (tour === null || parts.problem !== undefined || parts.training !== undefined) return null;
  return STOPS[Number(tour) - 1] ?? null;
}

/** Links with a network's settings, from before there were places, were about that network. */
function placeOf(parts: Partial<Record<Part, unknown>>): { readonly place?: Place } {
  return parts.network === undefined ? {} : { place: 'network' };
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
  if (field === 'classWeights') return /^[a-z]/i.test(text) ? text : text.split(',').map(numberOr);
  return WORDS.has(field) ? text : numberOr(text);
}

const WORDS: ReadonlySet<string> = new Set(['loss', 'bias', 'weighting', 'projection', 'beside', 'feature']);

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
