/**
 * NC1 … NC4 and the objective over the steps, on logarithmic axes: the panels of the report, one redrawn at a time. The line
 * at the step that is looked at is moved without a redrawing.
 */
import { useSignalEffect } from '@preact/signals';
import type { Curve, PanelOptions } from 'collapsar/report';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Drawn } from '../parts/Drawn.js';
import { SaveButtons } from '../parts/SaveButtons.js';
import { shown } from '../state/history.js';
import { looksBack, minimum, records, source } from '../state/session.js';

interface Chart {
  readonly title: string;
  readonly curves: readonly Curve[];
}

type MoveCursor = Parameters<NonNullable<PanelOptions['cursor']>>[0];

const CHARTS: readonly Chart[] = [
  {
    title: 'NC1: scatter within classes',
    curves: [
      { name: 'tr(Σ_W Σ_B⁺)/K', color: 'blue', read: (r) => r.nc1.pinv },
      { name: 'CDNV', color: 'green', stroke: 'dotted', width: 2.2, read: (r) => r.cdnv },
    ],
  },
  {
    title: 'NC2: off the frame',
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
  const measured = records.value;
  const least = minimum.value;
  const movers = useRef(new Map<number, MoveCursor>());
  useSignalEffect(() => {
    const at = lookedAt();
    for (const move of movers.current.values()) move(at);
  });
  if (measured.length === 0) return <></>;
  // A training in PyTorch has no objective of theory.
  const known = source.value?.monitored == null || measured.some(({ objective }) => objective !== null);
  const charts = known ? [...CHARTS, objectiveChart(least)] : CHARTS;
  return (
    <div class="charts">
      {charts.map(({ title, curves }, i) => {
        const panel = {
          records: measured,
          title,
          label: `${title} over training, on a logarithmic axis.`,
          curves,
          steps: 'log',
          values: 'log',
        } as const;
        return (
          <div class="chart" key={i}>
            <Drawn
              on={[measured, least]}
              draw={({ stepsPanel }, page) =>
                stepsPanel({
                  ...panel,
                  document: page,
                  size: SIZE,
                  cursor(move) {
                    movers.current.set(i, move);
                    move(lookedAt());
                  },
                })
              }
            />
            <SaveButtons
              name={`chart-${i + 1}`}
              make={({ stepsDrawing }, page) => stepsDrawing({ ...panel, document: page })}
            />
          </div>
        );
      })}
    </div>
  );
}

function lookedAt() {
  return looksBack.value ? (shown.value?.record ?? null) : null;
}

/** Above F*, where that is known of what is shown. */
function objectiveChart(least: number | null): Chart {
  if (least === null)
    return {
      title: 'Objective F',
      curves: [{ name: 'objective', color: 'blue', read: (r) => r.objective }],
    };
  return {
    title: 'What is left, F − F*',
    curves: [
      {
        name: 'objective minus predicted minimum',
        color: 'blue',
        read: (r) => (r.objective === null ? null : r.objective - least),
      },
    ],
  };
}
