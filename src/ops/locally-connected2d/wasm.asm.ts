// Unshared convolution: at every place of y a small matrix product of its own. x [batch, inHeight, inWidth, channels];
// filter [places, taps * channels, filters]; y [batch, places, filters]. The filters are far more than everything
// else, so each part reads or writes them once, all pictures at a time.
import { applyActivation } from '../../backends/wasm-cnn/asm/activation';
import { loadLanes, storeLanes } from '../../backends/wasm-cnn/asm/lanes';
import { madd } from '../../backends/wasm-cnn/asm/simd';

@unmanaged class LocalTask {
  x: usize;
  filter: usize;
  y: usize;
  /** [places, filters]; 0 for none. */
  bias: usize;
  batch: i32;
  inHeight: i32;
  inWidth: i32;
  channels: i32;
  outHeight: i32;
  outWidth: i32;
  filters: i32;
  filterHeight: i32;
  filterWidth: i32;
  strideHeight: i32;
  strideWidth: i32;
  padTop: i32;
  padLeft: i32;
  activation: i32;
}

// @ts-ignore: decorator
@inline function xPicture(t: LocalTask): usize {
  return <usize>(t.inHeight * t.inWidth * t.channels) << 2;
}

// @ts-ignore: decorator
@inline function yPicture(t: LocalTask): usize {
  return <usize>(t.outHeight * t.outWidth * t.filters) << 2;
}

/** y = act(bias + x F) for places [begin, end). */
export function localForward(begin: i32, end: i32, t: LocalTask): void {
  const row = <usize>t.filters << 2, step = yPicture(t);
  for (let place = begin; place < end; place++) {
    const to = t.y + <usize>place * row;
    for (let b = 0, at = to; b < t.batch; b++, at += step) {
      if (t.bias) memory.copy(at, t.bias + <usize>place * row, row);
      else memory.fill(at, 0, row);
    }
    forEachRun(t, place, to, false);
    if (!t.activation) continue;
    for (let b = 0, at = to; b < t.batch; b++, at += step) {
      for (let c: usize = 0, left = t.filters; left > 0; c += 16, left -= 4) {
        storeLanes(at + c, applyActivation(loadLanes(at + c, left), t.activation), left);
      }
    }
  }
}

/** dF = xT dy for places [begin, end); 0 where the window sees nothing of x. */
export function localDfilter(begin: i32, end: i32, t: LocalTask): void {
  const row = <usize>t.filters << 2, block = <usize>(t.filterHeight * t.filterWidth * t.channels) * row;
  memory.fill(t.filter + <usize>begin * block, 0, <usize>(end - begin) * block);
  for (let place = begin; place < end; place++) forEachRun(t, place, t.y + <usize>place * row, true);
}

/** Multiplies, for each row of a place's window, the floats of x in it: into y, or, transposed, into the filter. */
function forEachRun(t: LocalTask, place: i32, y: usize, intoFilter: bool): void {
  const oy = place / t.outWidth, ox = place - oy * t.outWidth;
  const top = oy * t.strideHeight - t.padTop, left = ox * t.strideWidth - t.padLeft;
  const first = max(0, -left), floats = (min(t.filterWidth, t.inWidth - left) - first) * t.channels;
  if (floats <= 0) return;
  const row = <usize>t.filters << 2;
  for (let ky = max(0, -top), until = min(t.filterHeight, t.inHeight - top); ky < until; ky++) {
    const x = t.x + (<usize>(((top + ky) * t.inWidth + left + first) * t.channels) << 2);
    const f = t.filter + <usize>(((place * t.filterHeight + ky) * t.filterWidth + first) * t.channels) * row;
    if (intoFilter) multiply(x, 4, xPicture(t), y, yPicture(t), t.batch, f, row, floats, t.filters);
    else multiply(x, xPicture(t), 4, f, row, floats, y, yPicture(t), t.batch, t.filters);
  }
}

/** C[rows, columns] += A[rows, depth] B[depth, columns]; columns of B and C are neighbours, all else lies a step apart. */
function multiply(a: usize, aRow: usize, aStep: usize, b: usize, bStep: usize, depth: i32, c: usize, cRow: usize, rows: i32, columns: i32): void {
  for (let row = 0; row < rows; row += 4) {
    // Rows that are missing from the last four repeat the last one there is: the same sum is stored again.
    const r1 = <usize>min(row + 1, rows - 1), r2 = <usize>min(row + 2, rows - 1), r3 = <usize>min(row + 3, rows - 1);
    const a0 = a + <usize>row * aRow, a1 = a + r1 * aRow, a2 = a + r2 * aRow, a3 = a + r3 * aRow;
    let column = 0;
    for (; column + 8 <= columns; column += 8) {
      const at = <usize>column << 2, to = c + at;
      localTile(a0, a1, a2, a3, aStep, b + at, bStep, depth, to + <usize>row * cRow, to + r1 * cRow, to + r2 * cRow, to + r3 * cRow);
    }
    for (; column < columns; column += 4) {
      const at = <usize>column << 2, to = c + at;
      narrowTile(
        a0, a1, a2, a3, aStep, b + at, bStep, depth, to + <usize>row * cRow, to + r1 * cRow, to + r2 * cRow, to + r3 * cRow,
        columns - column,
      );
    }
  }
}

/** Four rows of eight columns: one loop with nothing but stores behind it, in a function of its own (register-tile.ts). */
export function localTile(a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize, b: usize, bStep: usize, depth: i32,
  c0: usize, c1: usize, c2: usize, c3: usize): void {
  let p0 = v128.load(c0), q0 = v128.load(c0, 16), p1 = v128.load(c1), q1 = v128.load(c1, 16);
  let p2 = v128.load(c2), q2 = v128.load(c2, 16), p3 = v128.load(c3), q3 = v128.load(c3, 16);
  while (depth > 0) {
    const p = v128.load(b), q = v128.load(b, 16);
    let a = v128.load32_splat(a0);
    p0 = madd(a, p, p0); q0 = madd(a, q, q0);
    a = v128.load32_splat(a1);
    p1 = madd(a, p, p1); q1 = madd(a, q, q1);
    a = v128.load32_splat(a2);
    p2 = madd(a, p, p2); q2 = madd(a, q, q2);
    a = v128.load32_splat(a3);
    p3 = madd(a, p, p3); q3 = madd(a, q, q3);
    a0 += aStep; a1 += aStep; a2 += aStep; a3 += aStep;
    b += bStep;
    depth--;
  }
  v128.store(c0, p0); v128.store(c0, q0, 16);
  v128.store(c1, p1); v128.store(c1, q1, 16);
  v128.store(c2, p2); v128.store(c2, q2, 16);
  v128.store(c3, p3); v128.store(c3, q3, 16);
}

/** Four rows of `lanes` columns, four at most. */
function narrowTile(a0: usize, a1: usize, a2: usize, a3: usize, aStep: usize, b: usize, bStep: usize, depth: i32,
  c0: usize, c1: usize, c2: usize, c3: usize, lanes: i32): void {
  let p0 = loadLanes(c0, lanes), p1 = loadLanes(c1, lanes), p2 = loadLanes(c2, lanes), p3 = loadLanes(c3, lanes);
  for (; depth > 0; depth--, b += bStep) {
    const p = loadLanes(b, lanes);
    p0 = madd(v128.load32_splat(a0), p, p0);
    p1 = madd(v128.load32_splat(a1), p, p1);
    p2 = madd(v128.load32_splat(a2), p, p2);
    p3 = madd(v128.load32_splat(a3), p, p3);
    a0 += aStep; a1 += aStep; a2 += aStep; a3 += aStep;
  }
  storeLanes(c0, p0, lanes); storeLanes(c1, p1, lanes); storeLanes(c2, p2, lanes); storeLanes(c3, p3, lanes);
}

/**
 * dx = dy FT for rows [begin, end) of the pictures. A filter's row of taps belongs to one row of x, so every filter
 * is read once here too, and every piece writes rows of its own.
 */
export function localDx(begin: i32, end: i32, t: LocalTask): void {
  const row = <usize>t.filters << 2, line = <usize>(t.inWidth * t.channels) << 2;
  for (let iy = begin; iy < end; iy++) {
    const target = t.x + <usize>iy * line;
    for (let b = 0, at = target; b < t.batch; b++, at += xPicture(t)) memory.fill(at, 0, line);
    for (let oy = 0; oy < t.outHeight; oy++) {
      const ky = iy + t.padTop - oy * t.strideHeight;
      if (ky < 0 || ky >= t.filterHeight) continue;
      for (let ox = 0; ox < t.outWidth; ox++) {
        const left = ox * t.strideWidth - t.padLeft, place = oy * t.outWidth + ox;
        const first = max(0, -left), floats = (min(t.filterWidth, t.inWidth - left) - first) * t.channels;
        const f = t.filter + <usize>(((place * t.filterHeight + ky) * t.filterWidth + first) * t.channels) * row;
        let to = target + (<usize>((left + first) * t.channels) << 2), dy = t.y + <usize>place * row;
        for (let b = 0; b < t.batch; b += 2, to += 2 * xPicture(t), dy += 2 * yPicture(t)) {
          // A picture without a second one goes twice; the same sum is stored again.
          const second = <usize>(b + 1 < t.batch);
          addDots(f, row, floats, dy, dy + second * yPicture(t), t.filters, to, to + second * xPicture(t));
        }
      }
    }
  }
}

/** The sum of each one's lanes: rows become columns, which are added. */
// @ts-ignore: decorator
@inline function sums(s0: v128, s1: v128, s2: v128, s3: v128): v128 {
  const low = f32x4.add(i32x4.shuffle(s0, s1, 0, 4, 1, 5), i32x4.shuffle(s0, s1, 2, 6, 3, 7));
  const high = f32x4.add(i32x4.shuffle(s2, s3, 0, 4, 1, 5), i32x4.shuffle(s2, s3, 2, 6, 3, 7));
  return f32x4.add(i64x2.shuffle(low, high, 0, 2), i64x2.shuffle(low, high, 1, 3));
}

/** to[i] += row i of F times dy, for i < count, of two pictures. */
function addDots(f: usize, row: usize, count: i32, dy0: usize, dy1: usize, filters: i32, to0: usize, to1: usize): void {
  for (; count > 0; count -= 4, f += row << 2, to0 += 16, to1 += 16) {
    // Rows that are missing from the last four repeat the first of them; their sums are not stored.
    const f1 = count > 1 ? f + row : f, f2 = count > 2 ? f + 2 * row : f, f3 = count > 3 ? f + 3 * row : f;
    let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
    for (let at: usize = 0, left = filters; left > 0; at += 16, left -= 4) {
      const a = loadLanes(dy0 + at, left), b = loadLanes(dy1 + at, left);
      let v = loadLanes(f + at, left);
      a0 = madd(v, a, a0); b0 = madd(v, b, b0);
      v = loadLanes(f1 + at, left);
      a1 = madd(v, a, a1); b1 = madd(v, b, b1);
      v = loadLanes(f2 + at, left);
      a2 = madd(v, a, a2); b2 = madd(v, b, b2);
      v = loadLanes(f3 + at, left);
      a3 = madd(v, a, a3); b3 = madd(v, b, b3);
    }
    const left = f32x4.add(loadLanes(to0, count), sums(a0, a1, a2, a3));
    storeLanes(to1, f32x4.add(loadLanes(to1, count), sums(b0, b1, b2, b3)), count);
    storeLanes(to0, left, count);
  }
}
