/** Class sizes to start from. */
export interface Preset {
  readonly name: string;
  readonly counts: (classes: number) => readonly number[];
}

export const PRESETS: readonly Preset[] = [
  { name: 'Balanced', counts: (K) => new Array<number>(K).fill(100) },
  {
    name: 'Step',
    counts: (K) => Array.from({ length: K }, (_, k) => (k < Math.ceil(K / 2) ? 200 : 20)),
  },
  {
    name: 'Long tail',
    counts: (K) => Array.from({ length: K }, (_, k) => Math.round(500 * Math.pow(100, -k / (K - 1)))),
  },
  { name: 'The paper’s', counts: () => [200, 100, 50, 50] },
];
