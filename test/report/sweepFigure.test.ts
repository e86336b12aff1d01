/** Where the values of a sweep's figures stand, read back by their ticks. */
import { describe, expect, it } from 'vitest';
import { createFigureDocument } from '../../src/report/document.node.js';
import { sweepDrawing, sweepFigure, type LinesPanel, type PhasePanel } from '../../src/report/index.js';
import { all, numberOf, only, readMarkup } from '../support/readMarkup.js';
import { readPanels } from '../support/readSvg.js';

const document = createFigureDocument();
const lines: LinesPanel = {
  kind: 'lines',
  title: 'F − F*',
  x: { label: 'weightDecay', scale: { kind: 'log' } },
  y: { label: 'F − F*', scale: 'log', floor: 1e-15, include: [] },
  curves: [
    {
      name: 'depth 1',
      measured: [
        { x: 1e-3, mean: 1e-3, least: 1e-4, most: 1e-2 },
        { x: 1e-2, mean: 1e-6, least: 1e-6, most: 1e-6 },
        { x: 1e-1, mean: 1e-15, least: 1e-15, most: 1e-15 },
      ],
      predicted: [
        { x: 1e-3, y: 1e-5 },
        { x: 1e-1, y: 1e-4 },
      ],
    },
    { name: 'depth 2', measured: [{ x: 1e-3, mean: 1e-5, least: 1e-5, most: 1e-5 }], predicted: [] },
  ],
};
const figure = { name: 'excess', title: 'F − F*', caption: 'Dots: measured.', panels: [lines] };

describe('lines of a sweep', () => {
  const panel = readPanels(sweepFigure(figure, { document }).outerHTML).get('F − F*');

  it('stand at their values, zeros on a line of their own', () => {
    expect(panel?.names).toEqual(['depth 1', 'depth 2', 'theory']);
    const points = panel?.curveOf('blue', 'solid', 'log', 'log') ?? [];
    [
      [1e-3, 1e-3],
      [1e-2, 1e-6],
    ].forEach(([x, y], i) => {
      expect(points[i][0] / x).toBeCloseTo(1, 2);
      expect(points[i][1] / y).toBeCloseTo(1, 2);
    });
    expect(points[2][1]).toBeLessThan(1e-6);
    const theory = panel?.curveOf('blue', 'dashed', 'log', 'log') ?? [];
    expect(theory[0][1] / 1e-5).toBeCloseTo(1, 2);
    expect(theory[1][0] / 1e-1).toBeCloseTo(1, 2);
    expect(panel?.box.textContent).toContain('≤ 10⁻¹⁵');
  });

  it('have a bar from the least to the most where seeds differ', () => {
    const bars = all(panel?.box ?? readMarkup(''), 'svg.collapsar-plot > g[aria-label="rule"] line').filter(
      (bar) => bar.getAttribute('x1') === bar.getAttribute('x2'),
    );
    expect(bars).toHaveLength(1);
    const [y1, y2] = [numberOf(bars[0], 'y1'), numberOf(bars[0], 'y2')];
    const dots = all(panel?.box ?? readMarkup(''), 'g[aria-label="dot"] circle');
    expect(numberOf(dots[0], 'cy')).toBeCloseTo((y1 + y2) / 2, 1);
  });
});

describe('a phase diagram of a sweep', () => {
  const panel: PhasePanel = {
    ...{ kind: 'phase', title: 'Classes alive', classes: 4 },
    x: { label: 'weightDecay', values: ['0.001', '0.01'] },
    y: { label: 'depth', values: ['1', '2'] },
    cells: [
      { x: 0, y: 0, alive: 4, lives: 4 },
      { x: 1, y: 0, alive: 2, lives: 3 },
      { x: 0, y: 1, alive: 1.5, lives: 4 },
      { x: 1, y: 1, alive: null, lives: 3 },
    ],
  };
  const text = sweepDrawing({ ...figure, panels: [panel] }, { document }).outerHTML;
  const svg = readMarkup(text);

  it('fills cells by what was measured, and draws a line where theory loses a class', () => {
    const cells = all(svg, 'svg.collapsar-plot > g > rect');
    expect(cells.map((cell) => cell.getAttribute('fill-opacity'))).toEqual(['1.000', '0.500', '0.375', null]);
    const [left, right] = [cells[0], cells[1]].map((cell) => numberOf(cell, 'x'));
    expect(right - left).toBeCloseTo(numberOf(cells[0], 'width'), 1);
    const path = only(svg, '.collapsar-boundary').getAttribute('d') ?? '';
    const corners = [...path.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, x]) => Number(x));
    // Between the columns, in both rows; nowhere between the rows.
    expect(corners).toHaveLength(4);
    for (const x of corners) expect(x).toBeCloseTo(right, 1);
    const written = all(svg, 'text').map((text) => text.textContent);
    expect(written).toEqual(expect.arrayContaining(['4/4', '2/3', '1.5/4', '–/3', 'not known']));
  });

  it('stands alone: colours are written out, and the title says what it is', () => {
    expect(text).not.toContain('var(--');
    expect(only(svg, 'title').textContent).toContain('F − F*. Dots: measured.');
  });
});
