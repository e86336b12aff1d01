/**
 * Figures bring their style sheets along, so that they can stand alone. In the page one copy of each is enough: a style sheet
 * that comes and goes with every drawing would have the browser look at the whole page again each time.
 */
const sheets = new Map<string, HTMLStyleElement>();

/** Moves a drawing's style sheets to the head of the page; what is there already is dropped. */
export function settleStyles(drawing: ParentNode): void {
  for (const style of drawing.querySelectorAll('style')) {
    const text = style.textContent;
    style.remove();
    if (sheets.has(text)) continue;
    const settled = document.createElement('style');
    settled.textContent = text;
    sheets.set(text, settled);
    document.head.append(settled);
  }
}

/** All style sheets that figures have brought, for a drawing that leaves the page. */
export function figureStyles(): string {
  return [...sheets.keys()].join('\n');
}
