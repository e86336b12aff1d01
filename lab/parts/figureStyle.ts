/**
 * Plots bring their style sheets along. In the page one copy of each is enough: a style sheet
 * that comes and goes with every drawing would have the browser look at the whole page again each time.
 */
const settled = new Set<string>();

/** Moves a drawing's style sheets to the head of the page; what is there already is dropped. */
export function settleStyles(drawing: ParentNode): void {
  for (const style of drawing.querySelectorAll('style')) {
    const text = style.textContent;
    style.remove();
    if (settled.has(text)) continue;
    settled.add(text);
    const sheet = document.createElement('style');
    sheet.textContent = text;
    document.head.append(sheet);
  }
}
