/** `predict --out norms.svg`, with and without the user's measurements over it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCsv } from '../../src/cli/csv.js';
import { predictVerb } from '../../src/cli/predict.js';
import type { PredictionDocument } from '../../src/verbs/index.js';
import { temporaryFolder } from '../support/cli.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';
import { all, numberOf, readMarkup } from '../support/readMarkup.js';
import { axis, pathPoints } from '../support/readSvg.js';

const PROBLEM = '--counts 200,100,50,5 --depth 2 --width 8 --weight-decay 1e-3 --feature-decay 1e-3'.split(
  ' ',
);

function drawn(path: string) {
  const svg = readMarkup(readFileSync(path, 'utf8'));
  return all(svg, 'svg.collapsar-plot').map((plot) => {
    const inside = readMarkup(`<div>${plot.outerHTML}</div>`);
    return { plot, inside };
  });
}

describe('predict --out FILE.svg', () => {
  it('draws both norms against class size, and one alone', async () => {
    const out = join(temporaryFolder(), 'norms.svg');
    const { classes } = await documentOf<PredictionDocument>(predictVerb, [...PROBLEM, '--out', out]);
    const panels = drawn(out);
    expect(panels).toHaveLength(2);
    panels.forEach(({ inside, plot }, i) => {
      const [x, y] = [axis(inside, 'x', 'log'), axis(inside, 'y', 'linear')];
      const points = pathPoints(
        all(plot, 'g[aria-label="line"][stroke-dasharray] path')[0].getAttribute('d') ?? '',
      );
      [3, 2, 1, 0].forEach((k, j) => {
        expect(x(points[j][0]) / classes[k].count).toBeCloseTo(1, 1);
        expect(y(points[j][1])).toBeCloseTo(classes[k][i === 0 ? 'weightNorm' : 'featureNorm'], 1);
      });
    });
    await runVerb(predictVerb, [...PROBLEM, '--out', out, '--panel', 'features']);
    expect(drawn(out)).toHaveLength(1);
  });

  it('puts the user’s measurements over it, several rows of a class as mean and range', async () => {
    const folder = temporaryFolder();
    const [out, points] = [join(folder, 'norms.svg'), join(folder, 'points.csv')];
    writeFileSync(points, 'class,weightNorm,"my, own"\n0,3,a\n0,5,b\n2,1,"say ""no"""\n3,,\n');
    await runVerb(predictVerb, [...PROBLEM, '--out', out, '--overlay', points]);
    const [{ plot, inside }, other] = drawn(out);
    const [x, y] = [axis(inside, 'x', 'log'), axis(inside, 'y', 'linear')];
    const dots = all(plot, 'g[aria-label="dot"] circle');
    expect(dots.map((dot) => Math.round(x(numberOf(dot, 'cx'))))).toEqual([50, 200]);
    expect(y(numberOf(dots[1], 'cy'))).toBeCloseTo(4, 1);
    expect(all(other.plot, 'g[aria-label="dot"] circle')).toHaveLength(0);
  });

  it('refuses what it cannot draw, before anything is computed', async () => {
    const folder = temporaryFolder();
    const [out, points] = [join(folder, 'norms.svg'), join(folder, 'points.csv')];
    const refused = async (text: string, pattern: RegExp) => {
      writeFileSync(points, text);
      await expect(runVerb(predictVerb, [...PROBLEM, '--out', out, '--overlay', points])).rejects.toThrow(
        pattern,
      );
    };
    await refused('k,norm\n0,1\n', /a column class .* got k, norm/);
    await refused('class,norm\n0,1\n', /weightNorm or featureNorm/);
    await refused('class,weightNorm\n0,one\n', /line 2, weightNorm: a number, or nothing, got one/);
    await refused('class,weightNorm\n7,1\n', /a class from 0 to 3, got 7/);
    await expect(runVerb(predictVerb, [...PROBLEM, '--overlay', points])).rejects.toThrow(
      /--overlay: a figure/,
    );
  });

  it('reads CSV as RFC 4180 has it', () => {
    const rows = readCsv('# a comment\na,"b ""c"", d"\r\n1,"2"\r\n\r\n"3",\n', 'x');
    expect(rows.map((row) => [row.number('a'), row.number('b "c", d')])).toEqual([
      [1, 2],
      [3, null],
    ]);
    expect(rows[1].where('a')).toBe('x, line 5, a');
    expect(() => readCsv('a,b\n1\n', 'x')).toThrow('x, line 2: 2 cells, as in the first line, got 1');
  });
});
