/** The end of a sweep: its files are written, its table or document printed, and how it went decides the exit code. */
import { settingsAt, settingKeys } from '../verbs/sweep/plan.js';
import type { PointResult } from '../runs/index.js';
import { RESULTS } from '../runs/sweepFolder.node.js';
import type { SweepIndex } from '../runs/sweepIndex.node.js';
import type { LayoutChoices } from '../verbs/sweep/layout.js';
import type { Parsed } from './args.js';
import type { Context, ExitCode } from './context.js';
import { whole, wrap } from './format.js';
import { commandOf, programName } from './invocation.js';
import type { Sweep } from './sweepInFolder.js';
import { lossesOf, lossesTable } from './sweepLosses.js';
import { writeSweepOutput } from './sweepReport.js';
import { printBlocks, type Form } from './tables.js';

export interface SweepEnding {
  readonly form: Form;
  readonly options: Parsed;
  readonly choices: LayoutChoices;
  readonly context: Context;
  /** Whether every point has an end. */
  readonly finished: boolean;
}

export async function concludeSweep(
  { folder, plan, source }: Sweep,
  index: SweepIndex,
  { form, options, choices, context, finished }: SweepEnding,
): Promise<ExitCode> {
  const { terminal, version } = context;
  const results: PointResult[] = [];
  const losses = await lossesOf({ folder, plan, source }, index, context);
  const { table, page, figures } = await writeSweepOutput(
    { folder, plan, source },
    {
      ...{ index, choices, version, losses: losses === null ? null : lossesTable(losses) },
      onMissing: (measure, drawable) => {
        terminal.note(`note: no point has ${measure}, so it is not drawn; some have ${drawable.join(', ')}`);
      },
      use(result) {
        if (form === 'json') results.push(result);
      },
    },
  );
  const { done, failed, damaged } = index;
  if (form === 'json')
    terminal.print(
      JSON.stringify({
        ...{ folder, keys: settingKeys(plan), done, failed },
        status: finished ? 'finished' : 'interrupted',
        ...{ results: `${folder}/${RESULTS}`, report: page, figures },
        ...(losses === null ? {} : { losses }),
        points: results.map(({ point, ...rest }) => ({
          point,
          settings: Object.fromEntries(settingsAt(plan, point)),
          ...rest,
        })),
      }),
    );
  else
    printBlocks(
      [
        ...(losses === null
          ? []
          : [`The ${losses.key} at which each class is lost:`, '', lossesTable(losses), '']),
        table,
        '',
        wrap(
          `${whole(done)} of ${whole(plan.points)} points in ${folder}/${RESULTS}${failed === 0 ? '' : `, ${whole(failed)} of them failed`}`,
          terminal.width,
        ),
        `figures  ${page}`,
      ],
      form,
      options,
      terminal,
    );
  const again = commandOf(['sweep', folder, '--resume'], programName());
  if (damaged > 0) terminal.note(`note: ${damaged} damaged lines of logs were passed over`);
  if (!finished) {
    terminal.note(`interrupted with ${whole(done)} of ${whole(plan.points)} points; go on with: ${again}`);
    return 1;
  }
  if (failed === 0) return 0;
  const why = await firstFailure(index);
  terminal.note(
    `error: sweep: points that run to their end, got ${whole(failed)} that failed (${why}); run them again with: ${again}`,
  );
  return 1;
}

async function firstFailure(index: SweepIndex): Promise<string> {
  for await (const { status, failure, point } of index.results())
    if (status === 'failed') return `point ${point}: ${failure ?? 'unknown'}`;
  return 'unknown';
}
