/** Keys of a spec set on the command line: `--override KEY=VALUE`, and short forms of the usual ones. */
import { refuse } from '../core/errors.js';
import { parseOverride, type Setting } from '../verbs/sweep/overrides.js';
import { singleNumber, type Options, type Parsed } from './args.js';

export const OVERRIDE_OPTIONS: Options = {
  override: 'values',
  seed: 'value',
  depth: 'value',
  'weight-decay': 'value',
};

export const OVERRIDE_HELP = `  --override KEY=VALUE   sets a key of the spec, as YAML, with dots into sections:
                         optimizer.learningRate=0.05; may be given again
  --seed N, --depth M, --weight-decay X
                         short for init.seed, depth (of networks head.depth) and
                         weightDecay (of networks decay.all)`;

/** What the options set, in the order of the command line for `--override`, then the short forms. */
export function overridesFrom(options: Parsed, kind: unknown): Setting[] {
  const network = kind === 'network';
  const short = [
    ['seed', 'init.seed'],
    ['depth', network ? 'head.depth' : 'depth'],
    ['weight-decay', network ? 'decay.all' : 'weightDecay'],
  ] as const;
  const settings = [
    ...options.values('override').map((text) => parseOverride(text, '--override')),
    ...short.flatMap(([flag, key]): Setting[] => {
      const text = options.value(flag);
      return text === undefined ? [] : [[key, numberOrList(`--${flag}`, text)]];
    }),
  ];
  const keys = settings.map(([key]) => key);
  const twice = keys.find((key, i) => keys.indexOf(key) < i);
  if (twice !== undefined) refuse(`--override ${twice}`, 'each key once', 'the key twice');
  return settings;
}

function numberOrList(flag: string, text: string): number | number[] {
  const numbers = text.split(',').map((part) => singleNumber(flag, part));
  return numbers.length === 1 ? numbers[0] : numbers;
}
