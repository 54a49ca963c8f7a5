import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { UpsampleGeometry } from './geometry.js';
import { resamplingTable } from './table.js';

/** One thread adds up what an element, or four channels of a pixel, is made of. `tab` is table.ts's; `channels` are elements. */
const program = (element: Element): Program => ({
  reads: { x: element, tab: 'f32' },
  writes: { y: element },
  uniforms: {
    ...{ size: 'u32', channels: 'u32', fromRows: 'u32', fromColumns: 'u32', toRows: 'u32', toColumns: 'u32' },
    ...{ rowNumbers: 'u32', columnNumbers: 'u32' },
  },
  text: forEach(
    'u.size',
    `  let pixel = i / u.channels;
  let line = pixel / u.toColumns;
  let picture = line / u.toRows;
  let rowEntry = (line - picture * u.toRows) * u.rowNumbers;
  let columnEntry = u.toRows * u.rowNumbers + (pixel - line * u.toColumns) * u.columnNumbers;
  let top = picture * u.fromRows + u32(tab[rowEntry]);
  let left = u32(tab[columnEntry]);
  let tall = u32(tab[rowEntry + 1u]);
  let across = u32(tab[columnEntry + 1u]);
  var sum = ${element}();
  for (var r = 0u; r < tall; r++) {
    var row = ${element}();
    var at = ((top + r) * u.fromColumns + left) * u.channels + i - pixel * u.channels;
    for (var k = 0u; k < across; k++) {
      row += tab[columnEntry + 2u + k] * x[at];
      at += u.channels;
    }
    sum += tab[rowEntry + 2u + r] * row;
  }
  y[i] = sum;`,
  ),
});

function resampled(x: TensorInfo, g: UpsampleGeometry, part: 'forward' | 'dx', runner: WebgpuRunner): [TensorInfo] {
  const { from, to, values, rowPairs, columnPairs } = resamplingTable(g, part);
  const tab = runner.constant(values);
  const y = runner.output([g.batch, ...to, g.channels]);
  const fours = g.channels % 4 === 0;
  const element = fours ? 'vec4<f32>' : 'f32';
  const channels = fours ? g.channels / 4 : g.channels;
  const size = g.batch * to[0] * to[1] * channels;
  const compiled = runner.program('upsample2d', element, g, () => program(element));
  const numbers = {
    ...{ size, channels, fromRows: from[0], fromColumns: from[1], toRows: to[0], toColumns: to[1] },
    ...{ rowNumbers: 2 * rowPairs, columnNumbers: 2 * columnPairs },
  };
  runner.launchForEach(compiled, { x, tab, y }, numbers, size);
  runner.dispose(tab);
  return [y];
}

export const webgpu: Parts<RunnerKernel<UpsampleGeometry, WebgpuRunner>> = {
  forward: ({ x }, g, runner) => resampled(x!, g, 'forward', runner),
  dx: ({ dy }, g, runner) => resampled(dy!, g, 'dx', runner),
};
