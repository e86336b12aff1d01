/** What the caption of a sweep's figure says. */
import { number } from '../../core/numbers.js';
import type { Drawn, FigureLayout, LinesLayout } from './layout.js';
import { isSeed, type SweepPlan } from './plan.js';

/** What is behind the dots or cells of a figure. */
export interface SeedsDrawn {
  /** Of each how many seeds gave a number; 0 where none did. */
  readonly counts: readonly number[];
  /** Runs that failed among those of the figure. */
  readonly failed: number;
}

/** What is shown, over how many seeds, and what is left out. */
export function captionOf(plan: SweepPlan, layout: FigureLayout, { counts, failed }: SeedsDrawn): string {
  const repeated = plan.axes.some(({ keys, values }) => keys.every(isSeed) && values.length > 1);
  const seeds = repeated ? seedsOf(counts.filter((count) => count > 0)) : null;
  const shown: Drawn[] = [
    ...(layout.x === 'count' ? [] : [layout.x]),
    ...(layout.kind === 'phase' ? [layout.y] : []),
    ...(layout.kind === 'lines' && layout.curves !== null && layout.curves !== 'class'
      ? [layout.curves]
      : []),
    ...layout.panels,
  ];
  const fewer = shown
    .filter(({ places, of }) => places.length < of)
    .map(({ dimension, places, of }) => {
      const run = of < dimension.names.length ? ' that were run' : '';
      return `${places.length} of the ${of} values of ${dimension.label}${run}`;
    });
  const held = layout.held.map(({ names }) => names[0]);
  return [
    layout.kind === 'phase'
      ? 'Colour: classes measured alive. Lines: where theory loses another class. In the cells: measured/theory, where there is room.'
      : linesCaption(layout, seeds),
    ...(layout.kind === 'phase' && seeds !== null
      ? [seeds === ONE ? 'One seed each.' : `Means over ${seeds}.`]
      : []),
    ...(failed > 0 ? [`Failed, and not in it: ${number(failed)} run${failed === 1 ? '' : 's'}.`] : []),
    ...(fewer.length > 0 ? [`Drawn: ${fewer.join(', ')}.`] : []),
    ...(held.length > 0 ? [`At ${held.join(', ')}.`] : []),
  ].join(' ');
}

const ONE = '1 seed';

/** "3 seeds", "1 to 3 seeds"; null where nothing was measured. */
function seedsOf(counts: readonly number[]): string | null {
  if (counts.length === 0) return null;
  const [least, most] = [counts.reduce((a, b) => Math.min(a, b)), counts.reduce((a, b) => Math.max(a, b))];
  const range = least === most ? number(most) : `${number(least)} to ${number(most)}`;
  return most === 1 ? ONE : `${range} seeds`;
}

function linesCaption({ quantities }: LinesLayout, seeds: string | null): string {
  const means = quantities.some(({ scale }) => scale === 'log') ? 'geometric means' : 'means';
  const several = `Dots: ${means} over ${seeds ?? ''}; bars: from the least to the most.`;
  const single = seeds === ONE ? 'Dots: one seed each.' : 'Dots: measured.';
  const dots = seeds === null || seeds === ONE ? single : several;
  return quantities.some(({ predicted }) => predicted !== null) ? `${dots} Dashed: theory.` : dots;
}
