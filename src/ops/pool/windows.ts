import type { PoolAxes, PoolSizes } from './axis.js';

/** One window of a pool over flat NHWC arrays, clipped to the picture. */
export interface Window {
  /** Index of its first input element, channel 0. */
  corner: number;
  height: number;
  width: number;
  /** From one row, and one column, of the window to the next. */
  readonly rowStep: number;
  readonly columnStep: number;
  /** Its place among the windows. */
  oy: number;
  ox: number;
  /** Index of its output element, channel 0. */
  output: number;
}

/** Calls `visit` for every window; the object is the same each time. */
export function forEachWindow(g: PoolSizes, [rows, columns]: PoolAxes, visit: (window: Window) => void): void {
  const line = g.inWidth * g.inChannels;
  const window: Window = {
    corner: 0,
    height: 0,
    width: 0,
    rowStep: rows.step * line,
    columnStep: columns.step * g.inChannels,
    oy: 0,
    ox: 0,
    output: 0,
  };
  for (let b = 0; b < g.batch; b++) {
    for (let oy = 0; oy < g.outHeight; oy++) {
      window.oy = oy;
      window.height = rows.count[oy];
      const row = (b * g.inHeight + rows.first[oy]) * line;
      for (let ox = 0; ox < g.outWidth; ox++) {
        window.ox = ox;
        window.width = columns.count[ox];
        window.corner = row + columns.first[ox] * g.inChannels;
        visit(window);
        window.output += g.inChannels;
      }
    }
  }
}
