/** The same tables as CSV and as LaTeX: against the document of `--json`, and by what LaTeX reads. */
import { describe, expect, it } from 'vitest';
import { adviseVerb } from '../../src/cli/advise.js';
import { basinVerb } from '../../src/cli/basin.js';
import type { Verb } from '../../src/cli/context.js';
import { number } from '../../src/cli/format.js';
import { predictVerb } from '../../src/cli/predict.js';
import { blocksText, csvCell, heading, tablesCsv, tablesTex, type Table } from '../../src/cli/tables.js';
import { texOf } from '../../src/cli/tex.js';
import type { AdviseDocument, BasinDocument, PredictionDocument } from '../../src/verbs/index.js';
import { documentOf, runVerb } from '../support/commandInProcess.js';

const PROBLEM = ['--counts', '200,100,50,5', '--depth', '2', '--weight-decay', '2e-3'];

async function csv(verb: Verb, args: readonly string[]): Promise<readonly Record<string, string>[]> {
  const { code, stdout } = await runVerb(verb, [...args, '--csv']);
  expect(code).toBe(0);
  const [head, ...rows] = stdout.split('\n').map((line) => line.split(','));
  return rows.map((row) => Object.fromEntries(head.map((key, i) => [key, row[i]])));
}

const plain = (value: string | number | boolean | null) => (value === null ? '' : String(value));

describe('CSV', () => {
  it('has the classes of predict in full precision under the keys of --json', async () => {
    const { classes } = await documentOf<PredictionDocument>(predictVerb, PROBLEM);
    const rows = await csv(predictVerb, PROBLEM);
    expect(rows).toHaveLength(4);
    classes.forEach((given, k) => {
      const { count, weightNorm, featureNorm, fit, regime, margin, maxWeightDecay } = given;
      const expected = { count, weightNorm, featureNorm, fit, regime, margin, maxWeightDecay };
      expect(rows[k]).toMatchObject({
        class: String(k),
        ...Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, plain(value)])),
      });
    });
  });

  it('has one table of several by name, and every row of a long one', async () => {
    const { depths } = await documentOf<AdviseDocument>(adviseVerb, PROBLEM);
    const rows = await csv(adviseVerb, [...PROBLEM, '--table', 'depths']);
    expect(rows.map(({ depth, maxWeightDecay, keep }) => [depth, maxWeightDecay, keep])).toEqual(
      depths.map(({ depth, maxWeightDecay, keep }) => [plain(depth), plain(maxWeightDecay), plain(keep)]),
    );
    const many = await csv(predictVerb, ['--counts', 'longtail:5000:100:60', '--weight-decay', '1e-4']);
    expect(many).toHaveLength(60);
  });

  it('names each of several tables in a comment', async () => {
    const args = ['--counts', '20,10', '--width', '4', '--starts', '1', '--steps', '50', '--scales', '0.1'];
    const { stdout } = await runVerb(basinVerb, [...args, '--csv']);
    const { scales, classes } = await documentOf<BasinDocument>(basinVerb, args);
    const [first, second] = stdout.split('\n\n').map((part) => part.split('\n'));
    expect([first[0], second[0]]).toEqual(['# classes', '# scales']);
    expect(first[2].split(',').at(-1)).toBe(plain(classes[0].alive[0]));
    expect(second[2].split(',').slice(0, 3)).toEqual([
      plain(scales[0].std),
      plain(scales[0].starts),
      plain(scales[0].settled),
    ]);
  });

  it('quotes what would part a cell', () => {
    expect([csvCell('a,b'), csvCell('say "so"'), csvCell('a\nb'), csvCell(null), csvCell(0.1)]).toEqual([
      '"a,b"',
      '"say ""so"""',
      '"a\nb"',
      '',
      '0.1',
    ]);
  });

  it.each([
    [['--csv', '--latex'], /--latex: one form of output/],
    [['--json', '--csv'], /--csv: one form of output/],
    [['--table', 'classes'], /--table: --csv or --latex beside it/],
    [['--csv', '--table', 'rows'], /--table: one of classes, got "rows"/],
  ])('refuses %j', async (flags, message) => {
    await expect(runVerb(predictVerb, [...PROBLEM, ...flags])).rejects.toThrow(message);
  });
});

describe('LaTeX', () => {
  it('is the text’s table between the rules of booktabs', async () => {
    const { classes } = await documentOf<PredictionDocument>(predictVerb, PROBLEM);
    const { stdout } = await runVerb(predictVerb, [...PROBLEM, '--latex']);
    const lines = stdout.split('\n');
    expect(lines[0]).toBe('% \\usepackage{booktabs}');
    const [top, middle, bottom] = ['\\toprule', '\\midrule', '\\bottomrule'].map((rule) =>
      lines.indexOf(rule),
    );
    expect(lines[top + 1]).toMatch(/^class & n & \$\\\|p\\\|\$ & \$\\\|\\bar\{h\}\\\|\$ & fit/);
    expect(bottom - middle - 1).toBe(classes.length);
    expect(lines[middle + 1].split(' & ')[2]).toBe(number(classes[0].weightNorm));
    // Each row has as many cells as the head, and nothing that LaTeX does not know without packages.
    const cells = lines[top + 1].split(' & ').length;
    for (const line of lines.slice(middle + 1, bottom)) expect(line.split(' & ')).toHaveLength(cells);
    expect(stdout).toMatch(/^[\x20-\x7e\n]*$/);
    expect(lines.at(-1)).toBe('\\end{tabular}');
  });

  it.each([
    ['1.234e-5', '$1.234\\times10^{-5}$'],
    ['-2e+6', '$-2\\times10^{6}$'],
    ['-0.454', '$-0.454$'],
    ['2026-11', '2026-11'],
    ['λ_W', '$\\lambda _{W}$'],
    ['b_global', '$b_{\\mathrm{global}}$'],
    ['fit 0.9', 'fit 0.9'],
    ['95.34 %', '95.34 \\%'],
    ['–', '--'],
    ['H̄ᵀH̄', '$\\bar{H}^{\\top}\\bar{H}$'],
    ['NC1 tr(Σ_W Σ_B⁺)/K', 'NC1 tr($\\Sigma _{W}$ $\\Sigma _{B}^{+}$)/K'],
    ['50% of $x_1 & #2', '50\\% of \\$x\\_1 \\& \\#2'],
    ['C:\\new {a}', 'C:\\textbackslash{}new \\{a\\}'],
    ['Zürich', 'Zürich'],
  ])('writes %s', (text, tex) => {
    expect(texOf(text)).toBe(tex);
  });
});

it('writes each form of one table', () => {
  const sample: Table = {
    name: 'sample',
    columns: [heading('class', 'class', 0, 'left'), heading('value', 'λ_W')],
    rows: [
      ['a', 1 / 3],
      ['b', null],
    ],
  };
  expect(blocksText(['first', sample], 80)).toBe('first\nclass     λ_W\na      0.3333\nb           –');
  expect(tablesCsv([sample])).toBe('class,value\na,0.3333333333333333\nb,');
  expect(tablesTex([sample])).toContain('\\begin{tabular}{lr}\n\\toprule\nclass & $\\lambda _{W}$ \\\\');
});
