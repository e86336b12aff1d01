/** Labels at the ends of curves that do not cover each other: close ones share a label, the rest move apart. */
import { formatRanges } from '../format.js';
import type { PaletteName } from '../palette.js';

export interface EndLabel {
  /** In units of the axis. */
  readonly y: number;
  readonly text: string;
  readonly color: PaletteName;
}

/** Height of a line of text, and the distance below which two labels become one, in pixels. */
const LINE = 13;
const TOUCHING = 5;
/** With more labels than this, those that overlap become one. */
const FEW = 8;
const LONGEST = 9;

/** The labels with room between them, inside the domain; `height` is that of the axis in pixels. */
export function placeLabels(
  labels: readonly EndLabel[],
  domain: readonly [number, number],
  height: number,
): EndLabel[] {
  const perPixel = (domain[1] - domain[0]) / height;
  const touching = labels.length <= FEW ? TOUCHING : LINE;
  const groups: { y: number; texts: string[]; color: PaletteName }[] = [];
  for (const { y, text, color } of [...labels].sort((a, b) => a.y - b.y)) {
    const last = groups.at(-1);
    if (last !== undefined && y - last.y < touching * perPixel) {
      last.texts.push(text);
      if (last.color !== color) last.color = 'ink';
    } else groups.push({ y, texts: [text], color });
  }
  // More groups than lines of text fit: keep every second, third, …
  const room = Math.max(1, Math.floor(height / LINE));
  const stride = Math.ceil(groups.length / room);
  const placed = groups
    .filter((_, i) => i % stride === 0)
    .map(({ y, texts, color }) => ({ y, text: join(texts), color }));
  return spreadOut(placed, LINE * perPixel, domain);
}

/** Labels that would overlap form a cluster around the mean of their places (the least squares solution). */
function spreadOut(
  labels: readonly EndLabel[],
  line: number,
  [low, high]: readonly [number, number],
): EndLabel[] {
  const clusters: { centre: number; members: EndLabel[] }[] = [];
  const half = ({ members }: { readonly members: readonly unknown[] }): number => (members.length * line) / 2;
  const settle = (cluster: { centre: number; members: EndLabel[] }): void => {
    const mean = cluster.members.reduce((sum, { y }) => sum + y, 0) / cluster.members.length;
    // The outer labels may be centred on the ends of the axis.
    const room = half(cluster) - line / 2;
    cluster.centre = Math.max(low + room, Math.min(high - room, mean));
  };
  for (const label of labels) {
    let cluster = { centre: label.y, members: [label] };
    settle(cluster);
    for (;;) {
      const below = clusters.at(-1);
      if (below === undefined || below.centre + half(below) <= cluster.centre - half(cluster)) break;
      clusters.pop();
      cluster = { centre: 0, members: [...below.members, ...cluster.members] };
      settle(cluster);
    }
    clusters.push(cluster);
  }
  return clusters.flatMap(({ centre, members }) =>
    members.map((label, i) => ({ ...label, y: centre + (i - (members.length - 1) / 2) * line })),
  );
}

/** Numbers as ranges, cut where they grow long. */
function join(texts: readonly string[]): string {
  const numbers = texts.map(Number);
  const whole = numbers.every((n) => Number.isInteger(n)) ? formatRanges(numbers) : texts.join(', ');
  return whole.length <= LONGEST ? whole : `${whole.slice(0, LONGEST - 1).replace(/[\s,–]+\d*$/, '')} …`;
}
