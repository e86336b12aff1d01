/** Text of a table as LaTeX: what LaTeX would take for a command is escaped, symbols and powers become mathematics. */

/** A letter with a subscript, as λ_W or b_global; or a norm, whatever stands in it. */
const SUBSCRIPT = /(\p{L}\p{M}*)_(\p{L}+)/gu;
const NORM = /(‖[^‖]*‖)/gu;
/** A number as `number` writes it: 1.2e-5. */
const POWER = /(?<![\w.])(-?\d(?:\.\d+)?)e([+-]\d+)(?![\w.])/g;

const MATHS: Readonly<Record<string, string>> = {
  '‖': '\\|',
  λ: '\\lambda ',
  τ: '\\tau ',
  σ: '\\sigma ',
  Σ: '\\Sigma ',
  Δ: '\\Delta ',
  '√': '\\surd ',
  '−': '-',
  '×': '\\times ',
  '≈': '\\approx ',
  '≤': '\\le ',
  '≥': '\\ge ',
  '→': '\\to ',
  '←': '\\leftarrow ',
  '⁺': '^{+}',
  ᵀ: '^{\\top}',
  '·': '\\cdot ',
  '^': '\\hat{\\ }',
};
const WORDS: Readonly<Record<string, string>> = {
  '–': '--',
  '…': '\\dots{}',
  '\u0000': '',
  '’': "'",
  '°': '\\textdegree{}',
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '#': '\\#',
  $: '\\$',
  '%': '\\%',
  '&': '\\&',
  _: '\\_',
  '{': '\\{',
  '}': '\\}',
};

/** A negative number alone: outside of a formula its sign would be a hyphen. */
const NEGATIVE = /^-(\d+(?:\.\d+)?)$/;

export function texOf(text: string): string {
  if (NEGATIVE.test(text)) return `$${text}$`;
  const parts: string[] = [];
  let rest = 0;
  const pattern = new RegExp(`${POWER.source}|${SUBSCRIPT.source}|${NORM.source}`, 'gu');
  for (const match of text.matchAll(pattern)) {
    parts.push(symbols(text.slice(rest, match.index)));
    const [whole, mantissa, exponent, letter, below, norm] = match as unknown as (string | undefined)[];
    if (norm !== undefined) parts.push(`$${maths(norm)}$`);
    else if (mantissa !== undefined) parts.push(`$${mantissa}\\times10^{${Number(exponent)}}$`);
    else parts.push(`$${maths(letter ?? '')}_{${(below ?? '').length > 1 ? `\\mathrm{${below}}` : below}}$`);
    rest = match.index + (whole ?? '').length;
  }
  parts.push(symbols(text.slice(rest)));
  // Two formulas side by side are one.
  return parts.join('').replaceAll(/(?<!\\)\$\$/g, '');
}

/** Characters outside formulas: a letter with a bar or a hat, a symbol, or what LaTeX reads as itself. */
function symbols(text: string): string {
  return Array.from(text.normalize('NFD').matchAll(/\P{M}\p{M}*/gu), ([letter]) => {
    const [base, accent] = [Array.from(letter)[0], ACCENTS[Array.from(letter).at(1) ?? '']];
    if (accent !== undefined || (base !== '^' && base in MATHS)) return `$${maths(letter)}$`;
    return WORDS[letter] ?? letter.normalize('NFC');
  }).join('');
}

/** The same inside a formula. */
function maths(text: string): string {
  return Array.from(text.normalize('NFD').matchAll(/\P{M}\p{M}*/gu), ([letter]) => {
    const [base, mark] = Array.from(letter);
    const symbol = MATHS[base] ?? base;
    const accent = ACCENTS[mark];
    return accent === undefined ? symbol : `${accent}{${symbol}}`;
  }).join('');
}

const ACCENTS: Readonly<Partial<Record<string, string>>> = { '\u0304': '\\bar', '\u0302': '\\hat' };
