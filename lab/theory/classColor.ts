/** The colour of a class in the page: that of the report's figures. */
import { CLASS_COLORS, classColorName, paint } from 'collapsar/report';

/** The CSS value of a class's colour. */
export function classColor(k: number): string {
  return paint(classColorName(k));
}

/** What fades everything of other classes while a pointer rests on one. */
export function classFadingCss(): string {
  const faded = CLASS_COLORS.map((_, k) => `[data-hot="${k}"] [data-k]:not([data-k~="${k}"])`).join(',');
  return `${faded}{opacity:.22}`;
}
