/** A run in one drawing that stands alone: norms class by class, the distances over training, collapse through depth. */
import { classNormsPanels, type ClassNormsData } from './classNorms.js';
import { depthPanels } from './collapseThroughDepth.js';
import { svgElement, type FigureDocument, type FigureElement } from './dom.js';
import type { LegendItem } from './legend.js';
import { measurePanels, type MeasuresData } from './measuresOverSteps.js';
import type { PanelParts } from './panelParts.js';
import { label, standaloneSvg } from './standaloneSvg.js';

export interface RunFigureData extends ClassNormsData, MeasuresData {
  readonly title: string;
}

const COLUMNS = 3;
const COLUMN = 420;
const MARGIN = 20;
const TITLE = 26;
const LEGEND_LINE = 18;
/** Of a letter of the legend, on average. */
const LETTER = 6.2;

/** Panels without a plot are left out. */
export function runFigure(
  data: RunFigureData,
  { document }: { readonly document: FigureDocument },
): FigureElement {
  const panels = [
    ...classNormsPanels(data, { document }),
    ...measurePanels(data, { document }),
    ...depthPanels(data, { document }),
  ].flatMap(({ title, legend, plot }) => (plot === null ? [] : [{ title, legend, plot }]));
  const drawn: FigureElement[] = [];
  let top = MARGIN;
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS);
    const placed = row.map((panel, i) => drawPanel(document, panel, MARGIN + i * COLUMN, top));
    drawn.push(...placed.map(({ group }) => group));
    top += Math.max(...placed.map(({ height }) => height)) + MARGIN;
  }
  const size = { width: 2 * MARGIN + COLUMNS * COLUMN, height: Math.ceil(top) };
  return standaloneSvg(document, size, data.title, ...drawn);
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
  const keys = layLegend(document, legend, COLUMN - MARGIN);
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
