/**
 * What the documents show: fenced blocks of Markdown, and the commands in them.
 *
 * A block of `console` holds commands after `$ ` (a line that ends in a backslash goes on), each followed by what it prints;
 * `[…]` stands for anything left out, a line of it alone for any lines. After `console not-run:` stands why it is not run. A
 * block whose language is followed by a file's name, as in `yaml mine.yaml`, is that file, and lies beside the commands.
 */
const GAP = '[…]';

/** @param {string} text */
export function blocksOf(text) {
  return [...text.matchAll(/^```(\w+)[ ]?([^\n]*)\n([\s\S]*?)^```$/gm)].map(([, language, info, body]) => ({
    language,
    info,
    text: body,
  }));
}

/** The blocks that are run. @param {string} text */
export function consolesOf(text) {
  return blocksOf(text).filter(({ language, info }) => language === 'console' && info === '');
}

/** The files that a document gives: name and content. @param {string} text */
export function filesOf(text) {
  return blocksOf(text).flatMap(({ info, text: body }) => (/^[\w-]+\.\w+$/.test(info) ? [[info, body]] : []));
}

/** The commands of a console block, in order: as written, as one line, and what each is said to print. @param {{ text: string }} block */
export function commandsOf(block) {
  /** @type {{ written: string[], line: string, output: string[] }[]} */
  const commands = [];
  let open = false;
  for (const line of block.text.split('\n').slice(0, -1)) {
    const last = commands.at(-1);
    if (open && last !== undefined) {
      last.written.push(line);
      last.line = last.line.replace(/\\$/, '') + line.trim();
    } else if (line.startsWith('$ ')) commands.push({ written: [line], line: line.slice(2), output: [] });
    else last?.output.push(line);
    open = open || line.startsWith('$ ') ? line.endsWith('\\') : false;
  }
  return commands.map(({ written, line, output }) => ({
    written: written.join('\n'),
    line,
    output: output.map((text) => `${text}\n`).join(''),
  }));
}

/** Whether a printed text is the shown one, with anything where it has `[…]`. @param {string} shown @param {string} printed */
export function isShown(shown, printed) {
  const parts = shown.split(/^\[…\]\n|\[…\]/m).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[\\s\\S]*?')}$`).test(printed);
}

/**
 * What a document should show of a text that is printed now: the same parts of it, each found by how its first and last line
 * begin, with the same left out. @param {string} shown @param {string} printed
 */
export function refreshed(shown, printed) {
  if (shown === '' || isShown(shown, printed)) return shown;
  const lines = printed.split('\n').slice(0, -1);
  /** @type {string[][]} */
  const parts = [[]];
  for (const line of shown.split('\n').slice(0, -1))
    if (line === GAP) parts.push([]);
    else parts.at(-1)?.push(line);
  /** @type {string[]} */
  const out = [];
  let from = 0;
  parts.forEach((part, i) => {
    const [first, last] = [i === 0, i === parts.length - 1];
    if (part.length === 0) return void (last && from < lines.length && out.push(GAP));
    const start = first ? 0 : likest(part[0], lines, from);
    const foot = part.length === 1 ? start : likest(part.at(-1) ?? '', lines, start);
    const end = last ? lines.length - 1 : foot;
    if (start > from) out.push(GAP);
    for (let k = start; k <= end && k < lines.length; k++) {
      const old = part.find((line) => line.includes(GAP) && isShown(`${line}\n`, `${lines[k]}\n`));
      out.push(old ?? lines[k]);
    }
    from = Math.max(from, end + 1);
  });
  return out.map((line) => `${line}\n`).join('');
}

/** The line from `from` on that begins most like `wanted`. @param {string} wanted @param {string[]} lines @param {number} from */
function likest(wanted, lines, from) {
  let [best, length] = [from, -1];
  for (let k = from; k < lines.length; k++) {
    let same = 0;
    while (same < wanted.length && wanted[same] === lines[k][same]) same++;
    if (same > length) [best, length] = [k, same];
  }
  return best;
}
