/**
 * The text of a spec as a value: JSON where it is JSON, else YAML within a bound.
 *
 * The YAML parser takes quadratic time on texts of many keys or many errors. `LARGEST_YAML` keeps the worst of them under a
 * second; JSON is parsed in linear time and may be larger.
 */
import { parseDocument } from 'yaml';
import { InputError, refuse, show } from '../core/errors.js';
import { repeatedKey } from '../data/index.js';

/** Specs larger than this are refused: they are texts written by hand. */
export const LARGEST_SPEC = 2 ** 20;
/** The same for YAML that is not JSON, in characters. */
export const LARGEST_YAML = 3 * 2 ** 14;

/** The value of a text of JSON or YAML. Throws a format error of one line. */
export function parseSpecText(text: string, where: string): unknown {
  if (text.length > LARGEST_SPEC) refuse(where, `a spec of at most ${LARGEST_SPEC} characters`, text.length);
  const json = jsonOrUndefined(text);
  if (json !== undefined) {
    const twice = repeatedKey(text);
    if (twice !== null) throw new InputError('format', where, 'each key once', `${show(twice)} twice`);
    return json;
  }
  if (text.length > LARGEST_YAML)
    refuse(
      where,
      `YAML of at most ${LARGEST_YAML} characters`,
      text.length,
      `as JSON a spec may have ${LARGEST_SPEC}; many classes are shorter as 5000x10 or longtail:5000:100:10`,
    );
  // Pretty errors quote the text, each of thousands anew.
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error' });
  // The parser takes a list as key, [depth, width]: …, for a comment with something behind it, and reads it right.
  const failure = document.errors.find(
    ({ message }) => !message.startsWith('Map comment with trailing content'),
  );
  if (failure !== undefined) {
    const before = text.slice(0, failure.pos[0]).split('\n');
    const place = `at line ${before.length}, column ${before[before.length - 1].length + 1}`;
    const message = failure.message.split('\n')[0].replace(/; please use .*$/, '');
    throw new InputError('format', where, 'YAML or JSON', `${message} ${place}`);
  }
  try {
    return document.toJS({ maxAliasCount: 100 }) as unknown;
  } catch (error) {
    throw new InputError(
      'format',
      where,
      'YAML or JSON',
      error instanceof Error ? error.message : 'an error',
    );
  }
}

/** No JSON text has the value undefined. */
function jsonOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
