/** What a sweep leaves: `results.csv`, its document, and the table that people read. */
import { createGrouping, type Spread, type SweepGroup } from '../verbs/sweep/groups.js';
import { isSeed, settingKeys, settingsAt, type SweepPlan } from '../verbs/sweep/plan.js';
import { settingText } from '../verbs/sweep/overrides.js';
import { csvHead, csvLines } from '../verbs/sweep/resultsCsv.js';
import type { PointResult } from '../runs/index.js';
import { RESULTS, writeSweepStream } from '../runs/sweepFolder.node.js';
import type { SweepIndex } from '../runs/sweepIndex.node.js';
import { number } from './format.js';
import { heading, withoutEmptyColumns, type Cell, type Heading, type Table } from './tables.js';

/** Writes results.csv whole or not at all, point by point, and groups what it holds. */
export async function writeResults(
  folder: string,
  plan: SweepPlan,
  index: SweepIndex,
  use: (point: PointResult) => void = () => undefined,
): Promise<SweepGroup[]> {
  const grouping = createGrouping();
  async function* lines() {
    yield `${csvHead(settingKeys(plan))}\n`;
    for await (const result of index.results()) {
      const settings = settingsAt(plan, result.point);
      grouping.add(settings, result);
      use(result);
      yield csvLines(result, settings)
        .map((line) => `${line}\n`)
        .join('');
    }
  }
  await writeSweepStream(folder, RESULTS, lines());
  return grouping.groups();
}

/** One row a group: what theory says beside what was measured, over seeds. */
export function groupsTable(plan: SweepPlan, groups: readonly SweepGroup[]): Table {
  const keys = settingKeys(plan).filter((key) => !isSeed(key));
  const several = groups.some(({ runs, failed }) => runs + failed > 1);
  return withoutEmptyColumns({
    name: 'points',
    columns: [
      ...keys.map((key) => heading(key)),
      ...(keys.length === 0 ? [heading('sweep')] : []),
      ...(several ? [heading('runs', 'runs', 4)] : []),
      heading('classes', 'classes', 3),
      heading('lives', 'theory alive'),
      heading('alive', 'measured'),
      ...range('alive', 'measured'),
      heading('undecided'),
      heading('excess', 'F − F*', 1),
      ...range('excess', 'F − F*'),
      heading('nc1', 'NC1', 1),
      ...range('nc1', 'NC1'),
      heading('failed'),
    ],
    rows: groups.map(({ settings, runs, failed, classes, lives, alive, undecided, excess, nc1 }): Cell[] => {
      const values = new Map(settings);
      return [
        ...keys.map((key) => settingCell(values.get(key))),
        ...(keys.length === 0 ? ['all'] : []),
        ...(several ? [runs] : []),
        classes === 0 ? null : classes,
        lives,
        alive?.mean ?? null,
        ...rangeCells(alive, number),
        undecided === 0 ? null : undecided / runs,
        { value: excess?.mean ?? null, text: number(excess?.mean, 2) },
        ...rangeCells(excess, (value) => number(value, 2)),
        { value: nc1?.mean ?? null, text: number(nc1?.mean, 2) },
        ...rangeCells(nc1, (value) => number(value, 2)),
        failed === 0 ? null : failed,
      ];
    }),
  });
}

/** The least and the most over seeds, beside a mean; kept or left out together. */
function range(key: string, title: string): Heading[] {
  return [
    { ...heading(`${key}Least`, '…from', 6), pair: key, alone: `${title} from` },
    { ...heading(`${key}Most`, '…to', 6), pair: key, alone: `${title} to` },
  ];
}

/** Empty where all seeds agree. */
function rangeCells(spread: Spread | null, words: (value: number) => string): Cell[] {
  if (spread === null || spread.least === spread.most) return [null, null];
  return [spread.least, spread.most].map((value) => ({ value, text: words(value) }));
}

function settingCell(value: unknown): Cell {
  return typeof value === 'number' ? value : settingText(value);
}
