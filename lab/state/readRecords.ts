/**
 * The lines of `records.jsonl`, which may be damaged: what stands before the first bad line is read, the bad line named.
 *
 * Limits: whether the numbers are those of a training is not known; they are finite or null, steps do not decrease, and every
 * record has the same classes.
 */
import type { TrainRecord } from 'collapsar/runs';

export interface ReadRecords {
  readonly records: readonly TrainRecord[];
  /** Lines that are not blank. */
  readonly lines: number;
  /** The first bad line, from 1, and what is bad about it: "its step is −3, no whole number". */
  readonly damage: { readonly line: number; readonly what: string } | null;
}

type Fields = Readonly<Record<string, unknown>>;

export function readRecords(text: string): ReadRecords {
  const records: TrainRecord[] = [];
  let lines = 0;
  let damage: ReadRecords['damage'] = null;
  for (const [i, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    lines++;
    if (damage !== null) continue;
    const what = take(line, records);
    if (what !== null) damage = { line: i + 1, what };
  }
  return { records, lines, damage };
}

/** "Read 19 of 301 records: line 20 is damaged." and why; null for a whole file. */
export function damageSentence({ records, lines, damage }: ReadRecords): string | null {
  if (damage === null) return null;
  return `Read ${records.length} of ${lines} records: line ${damage.line} is damaged. Found there: ${damage.what}.`;
}

/** Adds the record of a line, or says what is wrong with it. */
function take(line: string, records: TrainRecord[]): string | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return 'no whole JSON object';
  }
  const what = fault(value, records);
  if (what === null) records.push(value as TrainRecord);
  return what;
}

function fault(value: unknown, before: readonly TrainRecord[]): string | null {
  const record = asObject(value);
  if (record === null) return 'no JSON object';
  for (const key of ['step', 'objective', 'nc1', 'nc2', 'nc3'])
    if (record[key] === undefined) return `${key} is missing`;
  const last = before.at(-1);
  const late = notWhole('step', record.step, last?.step);
  if (late !== null) return late;
  for (const [name, part] of [
    ['nc1', record.nc1],
    ['nc2.weights', asObject(record.nc2)?.weights],
    ['nc2.features', asObject(record.nc2)?.features],
    ['nc3', record.nc3],
  ] as const)
    if (asObject(part) === null) return `${name} is ${show(part)}, no object of measures`;
  const { network, ...rest } = record;
  const bad = badNumber(rest, '');
  if (bad !== null) return bad;
  if (network !== undefined) {
    const epoch = notWhole('network.epoch', asObject(network)?.epoch, last?.network?.epoch);
    if (epoch !== null) return epoch;
  }
  return unlike(record, before.at(0));
}

function notWhole(name: string, value: unknown, least: number | undefined): string | null {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    return `${name} is ${show(value)}, no whole number from 0`;
  return least !== undefined && value < least ? `${name} is ${value}, after ${least}` : null;
}

/** Everything in a record but `network` is a number, null, or objects and lists of those. */
function badNumber(value: unknown, name: string): string | null {
  if (value === null || (typeof value === 'number' && Number.isFinite(value))) return null;
  const parts = asObject(value);
  if (parts === null) return `${name} is ${show(value)}, no finite number and not null`;
  for (const [key, part] of Object.entries(parts)) {
    const bad = badNumber(part, name === '' ? key : `${name}.${key}`);
    if (bad !== null) return bad;
  }
  return null;
}

/** Lists of classes, where there are any (above 100 classes there are none), are as long as those of the first record. */
function unlike(record: Fields, first: TrainRecord | undefined): string | null {
  let K = first?.weightNorms?.length;
  for (const name of ['weightNorms', 'featureNorms', 'fits']) {
    const list = record[name];
    if (list === undefined) continue;
    if (!Array.isArray(list)) return `${name} is no list`;
    K ??= list.length;
    if (list.length !== K) return `${name} has ${list.length} classes, not ${K}`;
  }
  return null;
}

function asObject(value: unknown): Fields | null {
  return typeof value === 'object' && value !== null ? (value as Fields) : null;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  const text = typeof value === 'number' ? String(value) : JSON.stringify(value);
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}
