/** Which figures of a sweep are drawn. */
import { refuse } from '../core/errors.js';
import type { LayoutChoices } from '../verbs/sweep/layout.js';
import type { Options, Parsed } from './args.js';

export const FIGURE_OPTIONS: Options = { x: 'value', y: 'value', panel: 'value' };

export const FIGURE_HELP = `  --x KEY                figures: a key of the sweep as the horizontal axis
  --y NAME,…             figures of these alone: columns of results.csv, alive, or
                         another key of the sweep for a phase diagram
  --panel KEY,…          a panel for each value of these keys`;

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
