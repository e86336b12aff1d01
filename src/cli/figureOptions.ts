/** Which figures of a sweep are drawn. */
import { refuse } from '../core/errors.js';
import type { LayoutChoices } from '../verbs/sweep/layout.js';
import type { Options, Parsed } from './args.js';
import type { Form } from './tables.js';

export const FIGURE_OPTIONS: Options = { x: 'value', y: 'value', panel: 'value' };

export const FIGURE_HELP = `  --x KEY                figures: a key of the sweep as the horizontal axis
  --y NAME,…             figures of these alone: columns of results.csv, alive, or
                         another key of the sweep for a phase diagram
  --panel KEY,…          a panel for each value of these keys`;

/** Refuses a choice of figures beside tables, which it does not change. */
export function checkFigureForm(options: Parsed, form: Form): void {
  if (form !== 'csv' && form !== 'latex') return;
  const chosen = Object.keys(FIGURE_OPTIONS).find((flag) => options.value(flag) !== undefined);
  if (chosen !== undefined)
    refuse(`--${chosen}`, 'figures', `--${form}`, 'it chooses no columns; results.csv has every measure');
}

/** What the options choose; names are checked where the sweep is known. */
export function figureChoices(options: Parsed): LayoutChoices {
  const list = (flag: string) => {
    const text = options.value(flag);
    if (text === undefined) return undefined;
    const names = text.split(',').map((name) => name.trim());
    if (names.includes('')) refuse(`--${flag}`, 'names with commas between', text);
    return names;
  };
  return { x: options.value('x'), y: list('y'), panel: list('panel') };
}
