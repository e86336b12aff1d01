/** NC1 … NC4 and the objective over the steps, on logarithmic axes: the panels of the report, one redrawn at a time. */
import { useComputed } from '@preact/signals';
import type { Curve } from 'collapsar/report';
import type { JSX } from 'preact';
import { Drawn } from '../page/Drawn.js';
import { facts } from '../prediction/predicted.js';
import { SaveButtons } from '../share/SaveButtons.js';
import { records } from './session.js';

interface Chart {
  readonly title: string;
  readonly curves: readonly Curve[];
}

const CHARTS: readonly Chart[] = [
  {
    title: 'NC1: scatter within classes',
    curves: [
      { name: 'tr(Σ_W Σ_B⁺)/K', color: 'blue', read: (r) => r.nc1.pinv },
      { name: 'CDNV', color: 'green', stroke: 'dotted', width: 2.2, read: (r) => r.cdnv },
    ],
  },
  {
    title: 'NC2: off the predicted frame',
    curves: [
      { name: 'PPᵀ', color: 'blue', read: (r) => r.nc2.weights.predicted },
      { name: 'H̄ᵀH̄', color: 'vermilion', stroke: 'dashed', read: (r) => r.nc2.features.predicted },
    ],
  },
  {
    title: 'NC3: self-duality',
    curves: [
      { name: 'PH̄ off predicted', color: 'blue', read: (r) => r.nc3.predicted },
      { name: 'P from ΔH̄ᵀ', color: 'vermilion', stroke: 'dashed', read: (r) => r.nc3.dualityPredicted },
    ],
  },
  {
    title: 'NC4: samples amiss',
    curves: [
      { name: '1 − NC4', color: 'blue', read: (r) => (r.nc4 === null ? null : 1 - r.nc4) },
      {
        name: '1 − accuracy',
        color: 'vermilion',
        stroke: 'dashed',
        read: (r) => (r.accuracy === null ? null : 1 - r.accuracy),
      },
    ],
  },
];

/** Small enough that all five are in sight beside the frame. */
const SIZE = { width: 270, height: 158 };

export function MeasureCharts(): JSX.Element {
  const shown = records.value;
  const minimum = useComputed(() => facts.value?.objective ?? null).value;
  const left: Chart = {
    title: 'What is left, F − F*',
    curves: [
      {
        name: 'objective minus predicted minimum',
        color: 'blue',
        read: (r) => (minimum === null ? r.objective : r.objective - minimum),
      },
    ],
  };
  if (shown.length === 0) return <></>;
  return (
    <div class="charts">
      {[...CHARTS, left].map(({ title, curves }, i) => (
        <div class="chart" key={i}>
          <Drawn
            on={[shown, minimum]}
            draw={({ stepsPanel }, page) =>
              stepsPanel({
                document: page,
                size: SIZE,
                records: shown,
                title,
                label: `${title} over training steps, on a logarithmic axis.`,
                curves,
                steps: 'log',
                values: 'log',
              })
            }
          />
          <SaveButtons name={`chart-${i + 1}`} within=".chart" />
        </div>
      ))}
    </div>
  );
}
