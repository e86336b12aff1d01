/** Opens the records of a run folder, with its summary for their problem; what cannot be read is said, and changes nothing. */
import { batch } from '@preact/signals';
import { changeProblem, changeTraining, leap, state } from './store.js';
import { replay } from './replaying.js';
import { readRecords } from 'collapsar/runs';
import { readMonitored } from './besideMonitored.js';
import { readBeside, type BesideRecords } from './besideRecords.js';
import { damageSentence } from './damageSentence.js';
import { readSaved } from './readSaved.js';

/** Of a file that is read whole. */
const LARGEST = 64e6;

let opened = 0;

/** What the records alone say of themselves: a run that was killed has no summary. */
const ALONE: BesideRecords = {
  problem: {
    why: 'No summary.json was chosen with these records, so they are not compared with theory: choose both together if the run has one.',
  },
  training: null,
  end: null,
  sure: true,
};

/** Returns what was wrong, one sentence each; then nothing was opened. */
export async function openRun(files: readonly File[]): Promise<readonly string[]> {
  const mine = ++opened;
  const ofRecords = files.filter(({ name }) => /\.jsonl$/i.test(name));
  const jsonl = ofRecords.at(0);
  if (ofRecords.length > 1)
    return [`These are records of ${ofRecords.length} runs: bring the folder of one, or its two files.`];
  const others = files.filter(({ name }) => /\.json$/i.test(name));
  const beside = others.find(({ name }) => name === 'summary.json') ?? others.at(0);
  for (const { name, size } of [jsonl, beside].filter((one) => one !== undefined))
    if (size > LARGEST)
      return [`${name} has ${Math.ceil(size / 1e6)} MB: the lab reads up to ${LARGEST / 1e6} MB.`];
  const besideText = beside === undefined ? '' : await beside.text();
  const saved = jsonl === undefined ? readSaved(besideText) : null;
  const file = saved === null ? jsonl : beside;
  if (file === undefined)
    return [
      beside === undefined
        ? 'Choose records.jsonl and summary.json of a run folder.'
        : `${beside.name} holds no records: add records.jsonl of the same run folder.`,
    ];
  const read = readRecords(saved === null ? await file.text() : saved.lines);
  const { records, lines, damage } = read;
  if (damage !== null && records.length === 0)
    return [
      `${file.name}: line ${damage.line} is no record of a training (found there: ${damage.what}): nothing was opened.`,
    ];
  if (records.length === 0) return [`${file.name} holds no records: nothing was opened.`];
  const known =
    saved?.known ??
    (beside === undefined
      ? ALONE
      : (readMonitored(besideText) ?? readBeside(besideText, records, damage === null)));
  if (typeof known === 'string')
    return [
      `${beside?.name} does not go with ${file.name}: ${known}. Add summary.json of the same run folder; nothing was opened.`,
    ];
  // A file that was chosen meanwhile comes after this one.
  if (mine !== opened) return [];
  const { problem, training, end, sure, monitored = null } = known;
  const damaged = damageSentence(read);
  const notes = [
    ...(damaged === null ? [] : [damaged]),
    ...(sure
      ? []
      : [`These records end before ${beside?.name} does: that both are of one run cannot be checked.`]),
  ];
  batch(() => {
    const entry = Date.now();
    replay(records, { entry, name: file.name, lines, notes, problem, training, monitored, end });
    leap(
      () => {
        state.value = { ...state.value, place: 'network' };
        if ('why' in problem) return;
        changeProblem(problem);
        if (training !== null) changeTraining(training);
      },
      { run: entry },
    );
  });
  return [];
}
