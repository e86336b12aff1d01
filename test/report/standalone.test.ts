/** Drawings as files: what they look like in a program that knows neither variables nor media queries. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { portableBlas } from '../../src/core/index.js';
import { createProblem } from '../../src/model/index.js';
import { createFigureDocument } from '../../src/report/document.node.js';
import {
  basinFigure,
  heatmapsDrawing,
  PALETTE,
  phaseDiagram,
  runFigure,
  stepsDrawing,
  svgText,
  withLiteralColors,
  type FigureElement,
  type PaletteName,
} from '../../src/report/index.js';
import { advise } from '../../src/verbs/index.js';
import { drawSvg, HAS_RSVG, RSVG_NOTE } from '../support/drawnSvg.js';
import { networkRun } from './sample.js';

const document = createFigureDocument();
const HOSTILE = 'a & b <c> "d" \u00a0\u0007e\ud800 currentColor var(--collapsar-blue)';
const { records, summary } = networkRun();

function phase(colors?: 'page'): FigureElement {
  const problem = createProblem({
    counts: [20, 10, 5],
    depth: 2,
    weightDecays: 1e-2,
    featureDecay: 1e-2,
    widths: 4,
  });
  const { diagram } = advise({ problem, featureDecay: 'tied', blas: portableBlas });
  if (diagram === null) throw new Error('no diagram');
  return phaseDiagram(diagram, { document, ...(colors === undefined ? {} : { colors }) });
}

const FIGURES: readonly (readonly [string, () => FigureElement, readonly PaletteName[]])[] = [
  ['the phase diagram', phase, ['card', 'ink', 'blue', 'line']],
  [
    'the basin',
    () =>
      basinFigure(
        {
          scales: [{ std: 0.1, starts: 4 }],
          classes: [
            { count: 20, regime: 'alive', predictedFit: 0.9, alive: [1] },
            { count: 5, regime: 'alive', predictedFit: 0.5, alive: [0.5] },
          ],
        },
        { document },
      ),
    ['card', 'ink', 'heatPlus', 'bad'],
  ],
  [
    'a run',
    () =>
      runFigure(
        {
          title: HOSTILE,
          classes: summary.classes,
          names: summary.classes.map((_, k) => (k === 0 ? HOSTILE : `c${k}`)),
          records,
          samples: 100,
        },
        { document },
      ),
    ['card', 'quiet', 'blue', 'vermilion'],
  ],
  [
    'Gram matrices',
    () => heatmapsDrawing(document, HOSTILE, [{ title: HOSTILE, matrix: [[1, -1], [-1, 2]], size: 2 }]), // prettier-ignore
    ['card', 'ink', 'heatPlus'],
  ],
  [
    'one measure over steps',
    () =>
      stepsDrawing({
        document,
        records,
        title: 'NC1',
        label: HOSTILE,
        curves: [{ name: 'nc1', color: 'purple', width: 3, read: ({ objective }) => objective }],
        steps: 'linear',
        values: 'log',
      }),
    ['card', 'quiet', 'purple'],
  ],
];

/** Colours that no page gives: neither a variable, nor a rule, nor one inherited from without. */
const BORROWED = /var\(|currentColor|light-dark|@media|<style|context-/;

function colored(svg: string): string {
  return [...svg.matchAll(/ (?:fill|stroke|color|style)="([^"]*)"/g)].map((match) => match[1]).join('\n');
}

function expectDrawn(svg: string, names: readonly PaletteName[]): void {
  const { width, height, colors } = drawSvg(svg);
  const share = (color: string) => (colors.get(color) ?? 0) / (width * height);
  expect(share('#000000')).toBeLessThan(0.01);
  expect(share('none')).toBe(0);
  expect(share(PALETTE.card.light)).toBeGreaterThan(0.3);
  for (const name of names) expect(colors.get(PALETTE[name].light) ?? 0, name).toBeGreaterThan(10);
}

describe.each(FIGURES)('%s as a file', (_, draw, names) => {
  it('has its colours written out', () => {
    const svg = svgText(draw());
    expect(colored(svg)).not.toMatch(BORROWED);
    expect(svg).not.toContain('<style');
    expect(colored(svg)).toContain(PALETTE[names[1]].light);
  });

  it.skipIf(!HAS_RSVG)(`is drawn by librsvg in these colours${RSVG_NOTE}`, () => {
    expectDrawn(svgText(draw()), names);
  });
});

describe('the pictures of docs/results', () => {
  const folder = fileURLToPath(new URL('../../docs/results/', import.meta.url));
  const names = readdirSync(folder).filter((name) => name.endsWith('.svg'));

  it('are there', () => {
    expect(names.length).toBeGreaterThan(5);
  });

  it.each(names)('%s has its colours written out', (name) => {
    const svg = readFileSync(folder + name, 'utf8');
    expect(svg).not.toMatch(BORROWED);
  });

  it.skipIf(!HAS_RSVG).each(names)(`%s is drawn by librsvg${RSVG_NOTE}`, (name) => {
    expectDrawn(readFileSync(folder + name, 'utf8'), ['card', 'ink', 'quiet', 'blue']);
  });
});

describe('colours', () => {
  it('stay the page’s where the page asks for it, and are written out when the drawing leaves it', () => {
    const figure = phase('page');
    expect(colored(figure.outerHTML)).toContain('var(--collapsar-blue)');
    expect(colored(svgText(withLiteralColors(figure)))).not.toMatch(BORROWED);
    expect(svgText(figure)).toBe(svgText(phase()));
  });

  it('are those of the scheme that is asked for', () => {
    const svg = svgText(withLiteralColors(phase('page'), 'dark'));
    expect(svg).toContain(`fill="${PALETTE.card.dark}"`);
    expect(svg).not.toContain(`fill="${PALETTE.card.light}"`);
  });

  it('are no part of texts: names stay as they are, without what XML has no place for', () => {
    const svg = svgText(
      withLiteralColors(heatmapsDrawing(document, HOSTILE, [{ title: HOSTILE, matrix: [[1]], size: 1 }])),
    );
    const safe = 'a &amp; b &lt;c&gt; &quot;d&quot; \u00a0e currentColor var(--collapsar-blue)';
    expect(svg).toContain(`<title>${safe}</title>`);
    expect(svg).toContain(`aria-label="${safe}"`);
  });
});
