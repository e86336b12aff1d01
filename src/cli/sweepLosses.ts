/** What a bisection found: at which value of its key each class is lost, beside what theory says. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { refuseFile } from '../core/errors.js';
import { problemOf } from '../runs/index.js';
import { readSweep, SWEEP_FILE } from '../runs/sweepFolder.node.js';
import type { SweepIndex } from '../runs/sweepIndex.node.js';
import { predictMse } from '../theory/index.js';
import { survivalOfSpec } from '../verbs/advise/plainDecay/imageInputs.js';
import { adviseSurvival } from '../verbs/advise/plainDecay/plainDecay.js';
import type { LossGroup } from '../verbs/sweep/bisection.js';
import { isSection, settingText } from '../verbs/sweep/overrides.js';
import { specAt } from '../verbs/sweep/plan.js';
import type { Context } from './context.js';
import { number, whole } from './format.js';
import { giveWay } from './interrupt.js';
import { bisectionOf, type Sweep } from './sweepInFolder.js';
import { counted, heading, withoutEmptyColumns, type Cell, type Table } from './tables.js';
import { trainingInput } from './trainingInput.js';

/** Of a class, in the units of the key. */
interface Estimate {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

export interface FoundLosses {
  readonly key: string;
  readonly groups: readonly (LossGroup & { readonly theory: readonly Estimate[] | null })[];
}

/** Null for a sweep that is no bisection, or in which no point has a result with classes. */
export async function lossesOf(
  sweep: Sweep,
  index: SweepIndex,
  context: Context,
): Promise<FoundLosses | null> {
  const { plan } = sweep;
  const bisection = await bisectionOf(sweep, index);
  if (bisection === null || plan.bisect === null) return null;
  const [key] = plan.axes[plan.bisect].keys;
  const groups = [];
  for (const group of bisection.losses())
    groups.push({ ...group, theory: await theoryOf(sweep, key, group.point, context) });
  return groups.length === 0 ? null : { key, groups };
}

/** What theory says of a point's classes: in closed form, the estimate of plain decay, or what the sweep's file names. */
async function theoryOf(
  { plan, folder }: Sweep,
  key: string,
  point: number,
  context: Context,
): Promise<readonly Estimate[] | null> {
  const { meta } = await readSweep(folder);
  const { estimate } = plan.source;
  if (typeof estimate === 'string') return readEstimates(resolve(meta.home, estimate));
  if (plan.command !== null) return null;
  const spec = specAt(plan, point, `${folder}/${SWEEP_FILE}`);
  if (spec.kind === 'ufm') {
    if (spec.loss !== 'mse' || key !== 'weightDecay') return null;
    const { classes } = predictMse(problemOf(spec));
    return classes.map(({ maxWeightDecay }) => ({ estimate: maxWeightDecay, low: null, high: null }));
  }
  if (key !== 'decay.all') return null;
  const data = meta.data === null ? undefined : resolve(meta.home, meta.data);
  const images = await trainingInput(data, meta.home, context, 1).images(spec);
  const { classes } = await adviseSurvival({
    ...survivalOfSpec(spec, images),
    ...{ data: spec.data.set, weightDecay: null, blas: context.blas(), host: { yield: giveWay } },
  });
  return classes.map(({ largestDecay: { estimate: value, low, high } }) => ({ estimate: value, low, high }));
}

/** `advise --decay all --json` of the same training. */
async function readEstimates(path: string): Promise<readonly Estimate[]> {
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, 'utf8'));
  } catch {
    refuseFile(path, 'what advise --decay all --json wrote', 'no such file, or no JSON');
  }
  const classes = isSection(document) && Array.isArray(document.classes) ? document.classes : [];
  if (classes.length === 0)
    refuseFile(path, 'what advise --decay all --json wrote', 'a document without classes');
  const finite = (value: unknown) => (typeof value === 'number' && Number.isFinite(value) ? value : null);
  return classes.map((given: unknown): Estimate => {
    const limit = isSection(given) && isSection(given.largestDecay) ? given.largestDecay : {};
    return { estimate: finite(limit.estimate), low: finite(limit.low), high: finite(limit.high) };
  });
}

export function lossesTable({ groups }: FoundLosses): Table {
  const keys = [...new Set(groups.flatMap(({ settings }) => settings.map(([key]) => key)))];
  const rounded = (value: number | null, digits = 3): Cell =>
    value === null ? null : { value, text: number(value, digits) };
  return withoutEmptyColumns({
    name: 'losses',
    columns: [
      heading('class'),
      ...keys.map((key) => heading(key)),
      heading('count', 'n'),
      heading('estimate', 'lost at'),
      heading('low', 'learned to'),
      heading('high', 'lost from'),
      heading('seeds', 'seeds', 2),
      heading('theory', 'theory'),
      heading('theoryLow', '…from', 1),
      heading('theoryHigh', '…to', 1),
      heading('ratio', 'of theory', 3),
    ],
    rows: groups.flatMap(({ settings, classes, theory }) =>
      classes.map(({ count, estimate, low, high, seeds, of }, k): Cell[] => {
        const values = new Map(settings);
        const said = theory?.at(k);
        const expected = said?.estimate ?? null;
        return [
          k,
          ...keys.map((key): Cell => {
            const value = values.get(key);
            return typeof value === 'number' ? value : settingText(value);
          }),
          counted(count),
          ...[rounded(estimate), rounded(low), rounded(high)],
          { value: seeds, text: seeds === of ? whole(seeds) : `${whole(seeds)} of ${whole(of)}` },
          ...[rounded(expected), rounded(said?.low ?? null, 2), rounded(said?.high ?? null, 2)],
          estimate === null || expected === null || expected === 0 ? null : rounded(estimate / expected, 2),
        ];
      }),
    ),
  });
}
