/**
 * The spectrum of the one-hot targets: eigenvalues and eigenspaces of TTᵀ, in closed form.
 *
 * Without bias T = Y and TTᵀ = D = diag(n): mode k is class k.
 * With a free bias T = Y(I − 11ᵀ/N) and TTᵀ = D − nnᵀ/N. Classes of one size form a group; m equal classes give the
 * eigenvalue n exactly m − 1 times (contrasts: zero-sum vectors on the group), and each gap between two neighbouring
 * sizes holds one root of the secular equation Σ_k n_k²/(N(n_k − μ)) = 1, with eigenvector v_k ∝ n_k/(n_k − μ).
 * The last eigenvalue is 0, with eigenvector 1. Taking that root out, n_k²/(n_k − μ) = n_k + μn_k/(n_k − μ), leaves
 * Σ_k n_k/(n_k − μ) = 0 for the others. Nothing K×K is needed: eigenvectors are constant on groups.
 */

/** Classes with the same number of samples. */
export interface Group {
  readonly count: number;
  /** Class indices, ascending: the user's order. */
  readonly members: readonly number[];
}

/** One distinct eigenvalue τ² of TTᵀ and its eigenspace. */
export type Level =
  /** Spanned by the unit vectors of the classes of one group (no bias). */
  | {
      readonly kind: 'classes';
      readonly targetSquare: number;
      readonly group: number;
      readonly dimension: number;
    }
  /** The zero-sum vectors on one group (free bias). */
  | {
      readonly kind: 'contrasts';
      readonly targetSquare: number;
      readonly group: number;
      readonly dimension: number;
    }
  /** One vector, with value `vector[g]` on every class of group g (free bias; the null vector included). */
  | {
      readonly kind: 'secular';
      readonly targetSquare: number;
      readonly vector: Float64Array;
      readonly dimension: 1;
    };

export interface TargetSpectrum {
  readonly classes: number;
  readonly samples: number;
  /** By size, largest first. */
  readonly groups: readonly Group[];
  /** By τ², largest first; dimensions add up to K. */
  readonly levels: readonly Level[];
}

/** The spectrum for given class counts. O(K log K), and O(G²) for G distinct sizes with a free bias. */
export function targetSpectrum(counts: readonly number[], bias: 'none' | 'free'): TargetSpectrum {
  const groups = groupBySize(counts);
  const samples = counts.reduce((sum, n) => sum + n, 0);
  const levels = bias === 'none' ? classLevels(groups) : centredLevels(groups);
  return { classes: counts.length, samples, groups, levels };
}

function groupBySize(counts: readonly number[]): Group[] {
  const members = new Map<number, number[]>();
  counts.forEach((n, k) => {
    const list = members.get(n);
    if (list === undefined) members.set(n, [k]);
    else list.push(k);
  });
  return [...members].sort(([a], [b]) => b - a).map(([count, list]) => ({ count, members: list }));
}

function classLevels(groups: readonly Group[]): Level[] {
  return groups.map(({ count, members }, group) => ({
    kind: 'classes',
    targetSquare: count,
    group,
    dimension: members.length,
  }));
}

function centredLevels(groups: readonly Group[]): Level[] {
  const levels: Level[] = [];
  groups.forEach(({ count, members }, group) => {
    if (members.length > 1)
      levels.push({ kind: 'contrasts', targetSquare: count, group, dimension: members.length - 1 });
    if (group + 1 < groups.length) levels.push(secularRoot(groups, group));
  });
  const classes = groups.reduce((sum, { members }) => sum + members.length, 0);
  const ones = new Float64Array(groups.length).fill(1 / Math.sqrt(classes));
  levels.push({ kind: 'secular', targetSquare: 0, vector: ones, dimension: 1 });
  return levels;
}

/**
 * The root between sizes `upper` and `upper + 1` of the groups.
 *
 * It is sought as a distance from the nearer of the two poles, so that n_k − μ keeps full relative accuracy however
 * close the root lies to it (the device of LAPACK's dlaed4). F(μ) = Σ_k n_k/(n_k − μ) times that distance is nearly
 * linear: Newton, kept inside a bracket. The form with 1 on the right would lose the digits of a root that lies far
 * below a class that is nearly all: its terms come to 1 but for what decides.
 */
function secularRoot(groups: readonly Group[], upper: number): Level {
  const lower = upper + 1;
  const gap = groups[upper].count - groups[lower].count;
  const weights = groups.map(({ count, members }) => members.length * count);
  const secular = (origin: number, shift: number): number => {
    let sum = 0;
    for (let g = 0; g < groups.length; g++)
      sum += weights[g] / (groups[g].count - groups[origin].count - shift);
    return sum;
  };
  const origin = secular(lower, gap / 2) > 0 ? lower : upper;
  const sign = origin === lower ? 1 : -1; // μ = origin + sign·δ, δ in (0, gap/2]
  let [low, high] = [0, gap / 2];
  let delta = high / 2;
  for (let step = 0; step < 200; step++) {
    let rest = 0;
    let slope = 0;
    for (let g = 0; g < groups.length; g++) {
      if (g === origin) continue;
      const distance = groups[g].count - groups[origin].count - sign * delta;
      rest += weights[g] / distance;
      slope += (sign * weights[g]) / (distance * distance);
    }
    // F·δ, with the origin's own pole −sign·w/δ taken out: −sign·w + δ·rest. Its sign (times `sign`) brackets δ.
    const value = -sign * weights[origin] + delta * rest;
    if (sign * value > 0) high = delta;
    else low = delta;
    const newton = delta - value / (rest + delta * slope);
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    const done = Math.abs(next - delta) <= 2 ** -52 * delta || next === low || next === high;
    delta = next;
    if (done) break;
  }
  const vector = new Float64Array(groups.length);
  let square = 0;
  for (let g = 0; g < groups.length; g++) {
    const { count, members } = groups[g];
    vector[g] = count / (count - groups[origin].count - sign * delta);
    square += members.length * vector[g] ** 2;
  }
  const norm = Math.sqrt(square);
  for (let g = 0; g < groups.length; g++) vector[g] /= norm;
  return { kind: 'secular', targetSquare: groups[origin].count + sign * delta, vector, dimension: 1 };
}
