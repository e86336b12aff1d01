/** Panels placed in one drawing that stands alone: what a page lays out as boxes, with titles and legends. */
import { svgElement, type FigureDocument, type FigureElement } from '../dom.js';
import type { LegendItem } from './legend.js';
import type { PanelParts } from './panelParts.js';
import { label, standaloneSvg } from './standaloneSvg.js';

const MARGIN = 20;
const TITLE = 26;
const LEGEND_LINE = 18;
/** Of a letter of the legend, on average. */
const LETTER = 6.2;

/** In rows of `columns`; panels without a plot are left out. `title` is for those who do not see it. */
export function panelsDrawing(
  document: FigureDocument,
  title: string,
  parts: readonly PanelParts[],
  columns: number,
): FigureElement {
  const panels = parts.flatMap(({ title: name, legend, plot }) =>
    plot === null ? [] : [{ title: name, legend, plot }],
  );
  const column = Math.max(0, ...panels.map(({ plot }) => plot.width)) + MARGIN;
  const drawn: FigureElement[] = [];
  let top = MARGIN;
  for (let first = 0; first < panels.length; first += columns) {
    const row = panels.slice(first, first + columns);
    const placed = row.map((panel, i) => drawPanel(document, panel, MARGIN + i * column, top));
    drawn.push(...placed.map(({ group }) => group));
    top += Math.max(...placed.map(({ height }) => height)) + MARGIN;
  }
  const across = Math.min(columns, panels.length);
  const size = { width: MARGIN + across * column + MARGIN, height: Math.ceil(top) };
  return standaloneSvg(document, size, title, ...drawn);
}

interface DrawnPanel extends PanelParts {
  readonly plot: NonNullable<PanelParts['plot']>;
}

function drawPanel(
  document: FigureDocument,
  { title, legend, plot }: DrawnPanel,
  x: number,
  y: number,
): { readonly group: FigureElement; readonly height: number } {
  const keys = layLegend(document, legend, plot.width);
  const at = TITLE + keys.height;
  plot.svg.setAttribute('x', '0');
  plot.svg.setAttribute('y', String(at));
  const group = svgElement(
    document,
    'g',
    { transform: `translate(${x},${y})` },
    label(document, 0, 14, title, { look: 'strong', size: 13 }),
    ...keys.items,
    plot.svg,
  );
  return { group, height: at + plot.height };
}

/** Samples and names in lines of at most `width`. */
function layLegend(document: FigureDocument, legend: readonly LegendItem[], width: number) {
  let [x, line] = [0, 0];
  const items = legend.flatMap(({ name, width: sampleWidth, sample }) => {
    const whole = sampleWidth + 8 + LETTER * name.length + 12;
    if (x > 0 && x + whole > width) [x, line] = [0, line + 1];
    const y = TITLE + line * LEGEND_LINE;
    const placed = [
      svgElement(document, 'g', { transform: `translate(${x},${y - 3})` }, sample),
      label(document, x + sampleWidth + 6, y + 6, name, { look: 'quiet', size: 11 }),
    ];
    x += whole;
    return placed;
  });
  return { items, height: legend.length === 0 ? 0 : (line + 1) * LEGEND_LINE };
}
