import type { TensorInfo } from '@tensorflow/tfjs-core';
import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import { nanText } from '../pool/webgpu-windows.js';
import { type GlobalPoolGeometry, globalPoolShape } from './geometry.js';

type Kernels = Parts<RunnerKernel<GlobalPoolGeometry, WebgpuRunner>>;

/** Pixels that are added up before their sum is added to the others'. */
const PIXELS = 64;

/** A thread for each picture and channel, or for each element of x. */
function program(inputs: readonly string[], output: string, count: string, body: string): Program {
  return {
    reads: Object.fromEntries(inputs.map((name) => [name, 'f32' as const])),
    writes: { [output]: 'f32' },
    uniforms: { size: 'u32', pixels: 'u32', channels: 'u32' },
    text: `${nanText()}\n${forEach(count, body)}`,
  };
}

const FIRST = '  let first = i / u.channels * u.pixels * u.channels + i % u.channels;';

const programs: Record<string, () => Program> = {
  'globalAvgPool forward': () =>
    program(
      ['x'],
      'y',
      'u.size',
      `${FIRST}
  var sum = 0.0;
  for (var begin = 0u; begin < u.pixels; begin += ${PIXELS}u) {
    var part = 0.0;
    for (var p = begin; p < min(begin + ${PIXELS}u, u.pixels); p++) { part += x[first + p * u.channels]; }
    sum += part;
  }
  y[i] = sum / f32(u.pixels);`,
    ),
  'globalAvgPool dx': () =>
    program(['dy'], 'dx', 'u.size', '  dx[i] = dy[i / u.channels / u.pixels * u.channels + i % u.channels] / f32(u.pixels);'),
  'globalMaxPool forward': () =>
    program(
      ['x'],
      'y',
      'u.size',
      `${FIRST}
  var best = x[first];
  for (var p = 1u; p < u.pixels; p++) {
    let v = x[first + p * u.channels];
    if (beats(v, best)) { best = v; }
  }
  y[i] = best;`,
    ),
  'globalMaxPool dx': () =>
    program(
      ['dy', 'x', 'y'],
      'dx',
      'u.size',
      `${FIRST}
  var rest = dy[i];
  for (var p = 0u; p < u.pixels; p++) {
    let at = first + p * u.channels;
    let hit = same(x[at], y[i]);
    dx[at] = select(0.0, rest, hit);
    if (hit) { rest = 0.0; }
  }`,
    ),
};

function run(
  runner: WebgpuRunner,
  name: string,
  tensors: Named<TensorInfo>,
  output: string,
  shape: number[],
  g: GlobalPoolGeometry,
  threads: number,
): [TensorInfo] {
  const result = runner.output(shape);
  const numbers = { size: threads, pixels: g.inHeight * g.inWidth, channels: g.inChannels };
  runner.launchForEach(runner.program(name, '', g, programs[name]!), { ...tensors, [output]: result }, numbers, threads);
  return [result];
}

const input = (g: GlobalPoolGeometry): number[] => [g.batch, g.inHeight, g.inWidth, g.inChannels];
const columns = (g: GlobalPoolGeometry): number => g.batch * g.inChannels;

export const averageWebgpu: Kernels = {
  forward: ({ x }, g, runner) => run(runner, 'globalAvgPool forward', { x: x! }, 'y', globalPoolShape(g), g, columns(g)),
  dx: ({ dy }, g, runner) => run(runner, 'globalAvgPool dx', { dy: dy! }, 'dx', input(g), g, columns(g) * g.inHeight * g.inWidth),
};

export const maxWebgpu: Kernels = {
  forward: ({ x }, g, runner) => run(runner, 'globalMaxPool forward', { x: x! }, 'y', globalPoolShape(g), g, columns(g)),
  dx: ({ dy, x, y }, g, runner) => run(runner, 'globalMaxPool dx', { dy: dy!, x: x!, y: y! }, 'dx', input(g), g, columns(g)),
};
