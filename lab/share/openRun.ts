/** Opens the records of a run folder, with its summary for their problem; what cannot be read is said, and changes nothing. */
import { batch } from '@preact/signals';
import { changeProblem, changeTraining, leap } from '../state/store.js';
import { replay } from '../training/session.js';
import { damageSentence, readRecords } from './readRecords.js';
import { readSummary } from './readSummary.js';

/** Of a file that is read whole. */
const LARGEST = 64e6;

let opened = 0;

/** Returns what was wrong, one sentence each; then nothing was opened. */
export async function openRun(files: readonly File[]): Promise<readonly string[]> {
  const mine = ++opened;
  const file = files.find(({ name }) => name.endsWith('.jsonl'));
  const others = files.filter(({ name }) => name.endsWith('.json'));
  const beside = others.find(({ name }) => name === 'summary.json') ?? others.at(0);
  if (file === undefined)
    return [
      beside === undefined
        ? 'Choose records.jsonl and summary.json of a run folder.'
        : `${beside.name} holds no records: add records.jsonl of the same run folder.`,
    ];
  for (const { name, size } of [file, ...(beside === undefined ? [] : [beside])])
    if (size > LARGEST)
      return [`${name} has ${Math.ceil(size / 1e6)} MB: the lab reads up to ${LARGEST / 1e6} MB.`];
  const read = readRecords(await file.text());
  const { records, lines, damage } = read;
  if (damage !== null && records.length === 0)
    return [
      `${file.name}: line ${damage.line} is no record of a training (found there: ${damage.what}): nothing was opened.`,
    ];
  if (records.length === 0) return [`${file.name} holds no records: nothing was opened.`];
  if (beside === undefined)
    return [
      `${file.name} does not say which problem was trained: add summary.json of the same run folder, and choose both together.`,
    ];
  const known = readSummary(await beside.text(), records, damage === null);
  if (typeof known === 'string')
    return [
      `${beside.name} does not go with ${file.name}: ${known}. Add summary.json of the same run folder; nothing was opened.`,
    ];
  // A file that was chosen meanwhile comes after this one.
  if (mine !== opened) return [];
  const { problem, training, end, sure } = known;
  const damaged = damageSentence(read);
  const notes = [
    ...(damaged === null ? [] : [damaged]),
    ...(sure
      ? []
      : [`These records end before ${beside.name} does: that both are of one run cannot be checked.`]),
  ];
  batch(() => {
    replay(records, { name: file.name, lines, notes, problem, training, end });
    if ('why' in problem) return;
    leap(() => {
      changeProblem(problem);
      if (training !== null) changeTraining(training);
    });
  });
  return [];
}
