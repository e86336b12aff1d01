/** Opens the records of a run folder; what cannot be read is said, and changes nothing. */
import type { TrainRecord } from 'collapsar/runs';
import { checkState, STATE_VERSION } from '../state/labState.js';
import { changeProblem, state } from '../state/store.js';
import { replay } from '../training/session.js';

/** Of a file that is read whole. */
const LARGEST = 64e6;

/** Returns what was wrong, one sentence each. */
export async function openRun(files: readonly File[]): Promise<readonly string[]> {
  const complaints: string[] = [];
  const named = (suffix: string) => files.find(({ name }) => name.endsWith(suffix));
  const records = named('.jsonl');
  const summary = named('.json');
  if (records === undefined) return ['Choose records.jsonl of a run folder.'];
  if (records.size > LARGEST)
    return [`${records.name} has ${records.size} bytes: the lab reads up to ${LARGEST}.`];
  const found = parseRecords(await records.text());
  if (typeof found === 'string') return [`${records.name}: ${found}`];
  if (summary !== undefined) complaints.push(...takeSummary(await summary.text(), summary.name));
  // The prediction of another problem clears a training: the records come after it.
  setTimeout(() => replay(found), 0);
  return complaints;
}

function parseRecords(text: string): readonly TrainRecord[] | string {
  const found: TrainRecord[] = [];
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      // A run that was killed may leave half a line at its end.
      if (found.length > 0 && i > 0) break;
      return `line ${i + 1} is no JSON.`;
    }
    if (!isRecord(value))
      return `line ${i + 1} is no record of a training: step, objective and nc1 … nc4 are needed.`;
    found.push(value);
  }
  return found.length === 0 ? 'it holds no records.' : found;
}

function isRecord(value: unknown): value is TrainRecord {
  const record = asObject(value);
  const isNumber = (key: string) => typeof record?.[key] === 'number';
  const nc2 = asObject(record?.nc2);
  return (
    isNumber('step') &&
    (isNumber('objective') || record?.objective === null) &&
    asObject(record?.nc1) !== null &&
    asObject(nc2?.weights) !== null &&
    asObject(nc2?.features) !== null &&
    asObject(record?.nc3) !== null
  );
}

function takeSummary(text: string, name: string): string[] {
  let problem: Readonly<Record<string, unknown>> | null;
  try {
    problem = asObject(asObject(JSON.parse(text))?.problem);
  } catch {
    return [`${name} is no JSON: the problem stays as it is.`];
  }
  if (problem === null) return [`${name} holds no problem: it stays as it is.`];
  const { counts, depth, loss, bias, featureDecay } = problem;
  const [width, widthNote] = single(problem.widths, 'widths');
  const [weightDecay, decayNote] = single(problem.weightDecays, 'weight decays');
  const checked = checkState({
    version: STATE_VERSION,
    ...{ training: state.value.training, view: state.value.view },
    problem: { counts, depth, width, loss, bias, weightDecay, featureDecay },
  });
  if (checked.complaints.length > 0)
    return [
      `${name} describes a problem that the lab cannot show; it stays as it is.`,
      ...checked.complaints,
    ];
  changeProblem(checked.state.problem);
  return [...widthNote, ...decayNote];
}

/** One number for all layers; the lab has no others. */
function single(value: unknown, what: string): [unknown, string[]] {
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const same = list.every((one) => one === list[0]);
  return [list[0], same ? [] : [`The run has different ${what} by layer: the lab shows the first for all.`]];
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : null;
}
