/** A measure over time on a logarithmic axis, each line ten times less than the one above, with the moment that is shown. */
import { formatNumber, paint } from 'collapsar/report';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { SaveButtons } from './SaveButtons.js';

const [WIDTH, HEIGHT, PAD] = [340, 84, 6];
/** Powers of ten below the first. */
const DEEPEST = 9;

interface Props {
  /** Null where it does not exist. */
  readonly values: readonly (number | null)[];
  readonly at: number;
  /** In the name of a saved file. */
  readonly name: string;
  /** What it shows of what; stands above a saved file. */
  readonly title: () => string;
  /** What stands below its ends. */
  readonly ends?: readonly [string, string];
}

export function LogTrace({ values, at, name, title, ends }: Props): JSX.Element {
  const drawing = useRef<SVGSVGElement>(null);
  const last = Math.max(1, values.length - 1);
  const top = Math.log10(Math.max(1e-300, ...values.map((value) => value ?? 0)));
  const x = (i: number) => PAD + ((WIDTH - 2 * PAD) * i) / last;
  const y = (value: number) =>
    PAD +
    (HEIGHT - 2 * PAD) * Math.min(1, Math.max(0, (top - Math.log10(Math.max(1e-300, value))) / DEEPEST));
  const path = values
    .flatMap((value, i) => (value === null ? [] : [`${x(i).toFixed(1)} ${y(value).toFixed(1)}`]))
    .join('L');
  const here = values.at(at) ?? null;
  return (
    <figure class="trace">
      <svg ref={drawing} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        {Array.from({ length: DEEPEST + 1 }, (_, i) => {
          const height = PAD + ((HEIGHT - 2 * PAD) * i) / DEEPEST;
          return <line key={i} x1="0" x2={WIDTH} y1={height} y2={height} stroke={paint('line')} />;
        })}
        {path !== '' &&
          [0, DEEPEST / 3, (2 * DEEPEST) / 3].map((i) => (
            <text
              key={i}
              x={PAD}
              y={PAD + ((HEIGHT - 2 * PAD) * i) / DEEPEST + 10}
              font-size="9.5"
              fill={paint('quiet')}
            >
              {formatNumber(10 ** (top - i), 2)}
            </text>
          ))}
        {path !== '' && <path d={`M${path}`} fill="none" stroke={paint('ink')} stroke-width="2" />}
        {values.length > 1 && (
          <g>
            <line x1={x(at)} x2={x(at)} y1="0" y2={HEIGHT} stroke={paint('blue')} stroke-width="1.5" />
            {here !== null && <circle cx={x(at)} cy={y(here)} r="4.5" fill={paint('blue')} />}
          </g>
        )}
      </svg>
      <div class="trace-ends">
        <span>{ends?.[0]}</span>
        <SaveButtons
          name={name}
          caption={() => ({
            title: title(),
            legend: 'from left to right as measured; each line down: ten times less; blue: shown',
            classes: 0,
          })}
          find={() => drawing.current}
        />
        <span>{ends?.[1]}</span>
      </div>
    </figure>
  );
}
