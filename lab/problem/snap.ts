/** The class size that a hand means: that of another class or a round number where one is near, else two digits. */
const NEAR_PIXELS = 7;
const ROUND = [1, 2, 5];

/** `at`: where a size lies on the bar, in pixels. */
export function snapped(n: number, others: readonly number[], at: (count: number) => number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, n)));
  const round = [...ROUND.map((digit) => digit * power), 10 * power];
  // Another class's size is meant rather than a round number beside it.
  for (const candidates of [others, round]) {
    const nearest = [...candidates].sort((a, b) => Math.abs(at(a) - at(n)) - Math.abs(at(b) - at(n))).at(0);
    if (nearest !== undefined && Math.abs(at(nearest) - at(Math.max(1, n))) <= NEAR_PIXELS) return nearest;
  }
  return Math.round(Number(n.toPrecision(2)));
}
