// Zero padding. x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels].

/** The order of src/ops/zero-pad/wasm.ts; line, outLine and left are bytes. */
@unmanaged
class ZeroPadShape {
  inHeight: i32;
  outHeight: i32;
  top: i32;
  line: i32;
  outLine: i32;
  left: i32;
}

/** One piece writes rows begin..end of batch * outHeight of y. */
export function zeroPadForward(begin: i32, end: i32, x: usize, y: usize, shape: usize): void {
  const s = changetype<ZeroPadShape>(shape);
  for (let row = begin; row < end; row++) {
    const b = row / s.outHeight;
    const iy = row - b * s.outHeight - s.top;
    const to = y + <usize>row * <usize>s.outLine;
    if (iy < 0 || iy >= s.inHeight) {
      memory.fill(to, 0, s.outLine);
      continue;
    }
    memory.fill(to, 0, s.left);
    memory.copy(to + s.left, x + <usize>(b * s.inHeight + iy) * <usize>s.line, s.line);
    memory.fill(to + s.left + s.line, 0, s.outLine - s.left - s.line);
  }
}

/** One piece writes rows begin..end of batch * inHeight of dx. */
export function zeroPadDx(begin: i32, end: i32, dy: usize, dx: usize, shape: usize): void {
  const s = changetype<ZeroPadShape>(shape);
  for (let row = begin; row < end; row++) {
    const b = row / s.inHeight;
    const oy = row - b * s.inHeight + s.top;
    memory.copy(dx + <usize>row * <usize>s.line, dy + <usize>(b * s.outHeight + oy) * <usize>s.outLine + s.left, s.line);
  }
}
