/** What every panel stands in: the grid, both axes with their ticks, and the break above a line of zeros. */
import * as Plot from '@observablehq/plot';
import { paint } from '../palette.js';
import type { Axis } from './axes.js';

export function panelFrame(
  x: Axis,
  y: Axis,
  label: string,
  grid: 'with grid' | 'without grid' = 'with grid',
): Plot.Markish[] {
  const names = (axis: Axis) => (_: unknown, i: number) => axis.ticks[i].label;
  const at = (axis: Axis) => axis.ticks.map((tick) => tick.at);
  return [
    ...(grid === 'with grid' ? [Plot.gridY(at(y), { stroke: paint('line'), strokeOpacity: 1 })] : []),
    Plot.axisY(at(y), { tickFormat: names(y), tickSize: 0, fill: paint('quiet'), label: null }),
    Plot.axisX(at(x), {
      tickFormat: names(x),
      tickSize: 4,
      fill: paint('quiet'),
      stroke: paint('quiet'),
      label,
      labelArrow: 'none',
      labelAnchor: 'center',
      labelOffset: 32,
    }),
    Plot.ruleY([y.domain[0]], { stroke: paint('quiet') }),
    ...(y.broken === null
      ? []
      : [Plot.ruleY([y.broken], { stroke: paint('quiet'), strokeDasharray: '1 5', strokeOpacity: 0.9 })]),
  ];
}
