/**
 * C ← op(A)·op(B) + β·C for where there is no BLAS of the system: row-major, leading dimensions in numbers.
 *
 * Four rows by eight columns of C stay in registers over a block of the inner dimension. Aᵀ is read with its strides; Bᵀ
 * goes by dot products. About a tenth of a tuned library: it is there so that everything runs everywhere.
 */
const INNER: i32 = 256;

export function gemm(
  transposeA: bool, transposeB: bool, m: i32, n: i32, k: i32,
  A: usize, lda: i32, B: usize, ldb: i32, beta: f32, C: usize, ldc: i32,
): void {
  scaleRows(C, m, n, ldc, beta);
  const down: usize = transposeA ? 4 : <usize>lda << 2;
  const along: usize = transposeA ? <usize>lda << 2 : 4;
  if (transposeB) return dots(m, n, k, A, down, along, B, ldb, C, ldc);
  const rowB = <usize>ldb << 2, rowC = <usize>ldc << 2;
  for (let first = 0; first < k; first += INNER) {
    const depth = min(INNER, k - first);
    const a = A + <usize>first * along;
    const b = B + <usize>first * rowB;
    let j = 0;
    for (; j + 8 <= n; j += 8) {
      let i = 0;
      for (; i + 4 <= m; i += 4) tile(depth, a + <usize>i * down, down, along, b + (<usize>j << 2), rowB, C + <usize>i * rowC + (<usize>j << 2), rowC);
      for (; i < m; i++) entries(depth, a + <usize>i * down, along, b, rowB, j, j + 8, C + <usize>i * rowC);
    }
    if (j < n) for (let i = 0; i < m; i++) entries(depth, a + <usize>i * down, along, b, rowB, j, n, C + <usize>i * rowC);
  }
}

/** C ← β·C; with β = 0 the old C is not read. */
function scaleRows(C: usize, m: i32, n: i32, ldc: i32, beta: f32): void {
  if (beta == 1) return;
  for (let i = 0; i < m; i++) {
    const row = C + ((<usize>i * ldc) << 2);
    if (beta == 0) memory.fill(row, 0, <usize>n << 2);
    else for (let j: usize = 0; j < <usize>n << 2; j += 4) store<f32>(row + j, beta * load<f32>(row + j));
  }
}

/** Adds a 4×8 tile. */
function tile(depth: i32, a: usize, down: usize, along: usize, b: usize, rowB: usize, c: usize, rowC: usize): void {
  let c00 = v128.load(c), c01 = v128.load(c + 16);
  let c10 = v128.load(c + rowC), c11 = v128.load(c + rowC + 16);
  let c20 = v128.load(c + 2 * rowC), c21 = v128.load(c + 2 * rowC + 16);
  let c30 = v128.load(c + 3 * rowC), c31 = v128.load(c + 3 * rowC + 16);
  for (let l = 0; l < depth; l++, a += along, b += rowB) {
    const b0 = v128.load(b), b1 = v128.load(b + 16);
    let x = v128.load32_splat(a);
    c00 = f32x4.add(c00, f32x4.mul(x, b0)); c01 = f32x4.add(c01, f32x4.mul(x, b1));
    x = v128.load32_splat(a + down);
    c10 = f32x4.add(c10, f32x4.mul(x, b0)); c11 = f32x4.add(c11, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 2 * down);
    c20 = f32x4.add(c20, f32x4.mul(x, b0)); c21 = f32x4.add(c21, f32x4.mul(x, b1));
    x = v128.load32_splat(a + 3 * down);
    c30 = f32x4.add(c30, f32x4.mul(x, b0)); c31 = f32x4.add(c31, f32x4.mul(x, b1));
  }
  v128.store(c, c00); v128.store(c + 16, c01);
  v128.store(c + rowC, c10); v128.store(c + rowC + 16, c11);
  v128.store(c + 2 * rowC, c20); v128.store(c + 2 * rowC + 16, c21);
  v128.store(c + 3 * rowC, c30); v128.store(c + 3 * rowC + 16, c31);
}

/** Adds entries [from, to) of one row. */
function entries(depth: i32, a: usize, along: usize, b: usize, rowB: usize, from: i32, to: i32, c: usize): void {
  for (let l = 0; l < depth; l++, a += along, b += rowB) {
    const x = load<f32>(a);
    for (let j = <usize>from << 2; j < <usize>to << 2; j += 4) store<f32>(c + j, load<f32>(c + j) + x * load<f32>(b + j));
  }
}

/** C ← C + op(A)·Bᵀ. */
function dots(m: i32, n: i32, k: i32, A: usize, down: usize, along: usize, B: usize, ldb: i32, C: usize, ldc: i32): void {
  const rowB = <usize>ldb << 2;
  const even = along == 4 ? k & ~3 : 0;
  for (let i = 0; i < m; i++) {
    const a = A + <usize>i * down;
    for (let j = 0; j < n; j++) {
      const b = B + <usize>j * rowB;
      let lanes = f32x4.splat(0);
      for (let l: usize = 0; l < <usize>even << 2; l += 16) lanes = f32x4.add(lanes, f32x4.mul(v128.load(a + l), v128.load(b + l)));
      let total = f32x4.extract_lane(lanes, 0) + f32x4.extract_lane(lanes, 1) + f32x4.extract_lane(lanes, 2) + f32x4.extract_lane(lanes, 3);
      for (let l = even; l < k; l++) total += load<f32>(a + <usize>l * along) * load<f32>(b + (<usize>l << 2));
      const c = C + ((<usize>i * ldc + j) << 2);
      store<f32>(c, load<f32>(c) + total);
    }
  }
}
