import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import type { Parts, RunnerKernel } from '../../kernels.js';

/** One thread copies an element, or four channels of a pixel, from (top, left) further up and left, or writes 0. */
const program = (element: Element): Program => ({
  reads: { x: element },
  writes: { y: element },
  uniforms: {
    ...{
      size: 'u32',
      channels: 'i32',
      fromRows: 'i32',
      fromColumns: 'i32',
      rows: 'i32',
      columns: 'i32',
      top: 'i32',
      left: 'i32',
    },
  },
  text: forEach(
    'u.size',
    `  let pixel = i32(i) / u.channels;
  let line = pixel / u.columns;
  let picture = line / u.rows;
  let iy = line - picture * u.rows - u.top;
  let ix = pixel - line * u.columns - u.left;
  let inside = (iy >= 0) & (iy < u.fromRows) & (ix >= 0) & (ix < u.fromColumns);
  let at = ((picture * u.fromRows + iy) * u.fromColumns + ix) * u.channels + i32(i) - pixel * u.channels;
  y[i] = ${element}();
  if (inside) { y[i] = x[at]; }`,
  ),
});

type Size = readonly [rows: number, columns: number];

/** Pictures of another size, moved down and to the right. */
function moved(runner: WebgpuRunner, x: TensorInfo, g: WindowGeometry, from: Size, to: Size, by: Size): [TensorInfo] {
  const [[fromRows, fromColumns], [rows, columns], [top, left]] = [from, to, by];
  const y = runner.output([g.batch, rows, columns, g.inChannels]);
  const fours = g.inChannels % 4 === 0;
  const element = fours ? 'vec4<f32>' : 'f32';
  const channels = fours ? g.inChannels / 4 : g.inChannels;
  const size = g.batch * rows * columns * channels;
  const compiled = runner.program('zeroPad2d', element, g, () => program(element));
  runner.launchForEach(compiled, { x, y }, { size, channels, fromRows, fromColumns, rows, columns, top, left }, size);
  return [y];
}

const inner = (g: WindowGeometry): Size => [g.inHeight, g.inWidth];
const outer = (g: WindowGeometry): Size => [g.outHeight, g.outWidth];

/** x, dx [batch, inHeight, inWidth, channels]; y, dy [batch, outHeight, outWidth, channels]. */
export const webgpu: Parts<RunnerKernel<WindowGeometry, WebgpuRunner>> = {
  forward: ({ x }, g, runner) => moved(runner, x!, g, inner(g), outer(g), [g.padTop, g.padLeft]),
  dx: ({ dy }, g, runner) => moved(runner, dy!, g, outer(g), inner(g), [-g.padTop, -g.padLeft]),
};
