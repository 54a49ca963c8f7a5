import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

/** `vec4 windowSum(texel, lower, upper)`: of each channel of a texel the sum of `term` over its window. */
const windowSum = (term: string): string => `vec4 windowSum(int texel, int lower, int upper) {
  int line = quotient(texel, depth) * depth, c = texel - line;
  int first = 2 * c - lower, last = min(2 * c + 1 + upper, channels - 1);
  vec4 sum = vec4(0);
  for (int t = max(first, 0) >> 1; t <= last >> 1; t++) {
    vec4 v = ${term};
    int left = 2 * t, right = 2 * t + 1;
    // Of the texel's first channel the window is one to the left of the second's.
    if (left >= first && left <= 2 * c + upper) sum.xz += v.xz;
    if (right >= first && right <= 2 * c + upper && right < channels) sum.xz += v.yw;
    if (left > first && left <= last) sum.yw += v.xz;
    if (right > first && right <= last) sum.yw += v.yw;
  }
  return sum;
}`;

const SQUARES = windowSum('x(line + t) * x(line + t)');

/** One fragment computes two channels of two pixels. */
const FORWARD = `${SQUARES}
void compute(int texel) {
  vec4 s = k + alpha * windowSum(texel, below, above);
  out0 = x(texel) * pow(s, vec4(-beta));
}`;

/** dy s^-beta, and what each channel sends to its window. */
const SHARES = `${SQUARES}
void compute(int texel) {
  vec4 s = k + alpha * windowSum(texel, below, above);
  out0 = dy(texel) * pow(s, vec4(-beta));
  out1 = out0 * x(texel) / s;
}`;

/** A channel is in the windows of those that it has in its own, seen from the other side. */
const BACK = `${windowSum('share(line + t)')}
void compute(int texel) {
  out0 = direct(texel) - 2. * alpha * beta * x(texel) * windowSum(texel, above, below);
}`;

export const webgl: Parts<RunnerKernel<LocalResponseNormalizationGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) => launched(runner, 'CnnLocalResponseNormalization forward', FORWARD, { x: x! }, g),

  dx({ dy, x }, g, runner) {
    const name = 'CnnLocalResponseNormalization dx';
    const [direct, share] = launched(runner, `${name}, shares`, SHARES, { dy: dy!, x: x! }, g, 2) as [TensorInfo, TensorInfo];
    const dx = launched(runner, name, BACK, { x: x!, direct, share }, g);
    runner.dispose(direct, share);
    return dx;
  },
};

function launched(
  runner: WebglRunner,
  name: string,
  code: string,
  inputs: Record<string, TensorInfo>,
  g: LocalResponseNormalizationGeometry,
  outputs = 1,
): TensorInfo[] {
  const { channels, below, above, alpha, beta, k, shape } = g;
  return runner.run({
    name,
    geometry: g,
    code: () => code,
    inputs,
    ints: { channels, depth: half(channels), below, above },
    floats: { alpha, beta, k },
    outputs: Array.from({ length: outputs }, () => shape),
  });
}
