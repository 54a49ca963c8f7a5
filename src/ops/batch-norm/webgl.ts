import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';
import { normalisedCode, readAs, unfusedCode } from './webgl-normalised.js';
import { cutOf, overSlice, slicedSums } from './webgl-sums.js';

type Kernels = Parts<RunnerKernel<BatchNormGeometry, WebglRunner>>;
type Infos = Named<TensorInfo | undefined>;

/**
 * Mean and sum of squared deviations of a slice, two channels: (mean, mean, sum, sum). Numbers are taken relative to the slice's
 * first, so that a mean far from 0 costs no digits.
 */
const MOMENTS = overSlice(
  'vec2 origin = x(begin * depth + c).xy, sum = vec2(0), squares = vec2(0);\n  float count = 0.;',
  `vec4 d = x(at) - origin.xyxy;
    if (!two) d.zw = vec2(0);
    count += two ? 2. : 1.;
    sum += d.xy + d.zw;
    squares += d.xy * d.xy + d.zw * d.zw;`,
  'out0 = vec4(origin + sum / count, max(squares - sum * sum / count, 0.));',
);

/** Moments of all rows from those of the slices (Chan, Golub and LeVeque 1979), and the running ones. */
const COMBINED = (given: readonly string[]): string => `float countOf(int slice) {
  int begin = slice * sliceLines, end = min(begin + sliceLines, lines);
  int rows = 2 * (end - begin);
  if (odd == 1) rows -= end / linesEach - begin / linesEach;
  return float(rows);
}
void compute(int c) {
  vec2 origin = moments(c).xy, shift = vec2(0);
  for (int slice = 1; slice < slices; slice++) shift += (moments(slice * depth + c).xy - origin) * (countOf(slice) / allRows);
  vec2 average = origin + shift, squares = vec2(0);
  for (int slice = 0; slice < slices; slice++) {
    vec4 m = moments(slice * depth + c);
    squares += m.zw + countOf(slice) * (m.xy - average) * (m.xy - average);
  }
  vec2 biased = squares / allRows, wide = biased * unbiased;
  out0 = vec4(average, 0., 0.);
  out1 = vec4(biased, 0., 0.);
  out2 = vec4(${given.includes('runningMean') ? '(1. - momentum) * runningMean(c).xy + momentum * average' : 'average'}, 0., 0.);
  out3 = vec4(${given.includes('runningVariance') ? '(1. - momentum) * runningVariance(c).xy + momentum * wide' : 'wide'}, 0., 0.);
}`;

function statistics(runner: WebglRunner, { x, runningMean, runningVariance }: Infos, g: BatchNormGeometry): TensorInfo[] {
  const name = 'CnnBatchNormTraining statistics';
  const moments = slicedSums(runner, `${name}, slices`, g, '', () => MOMENTS, { x });
  const { depth, lines, linesEach, odd, sliceLines, slices } = cutOf(g.shape);
  const running = { ...(runningMean && { runningMean }), ...(runningVariance && { runningVariance }) };
  const made = runner.run({
    name,
    geometry: g,
    code: () => COMBINED(Object.keys(running)),
    inputs: { moments, ...running },
    ints: { depth, lines, linesEach, odd, sliceLines, slices },
    floats: { allRows: g.rows, momentum: g.momentum, unbiased: unbiasing(g) },
    outputs: Array.from({ length: 4 }, () => [g.channels]),
  });
  runner.dispose(moments);
  return made;
}

/** One fragment computes a texel of what has the shape of x. */
function ofShape(runner: WebglRunner, name: string, inputs: Infos, g: BatchNormGeometry, values: string): TensorInfo {
  const [made] = runner.run({
    name,
    geometry: g,
    variant: g.activation,
    code: () =>
      `void compute(int at) {\n  int c = at - quotient(at, depth) * depth;\n  ${normalisedCode(inputs)}\n  ${values}\n}`,
    inputs: readAs(inputs),
    ints: { depth: cutOf(g.shape).depth },
    floats: { epsilon: g.epsilon, allRows: g.rows },
    outputs: [g.shape],
  });
  return made!;
}

const activated = ({ activation }: BatchNormGeometry): string =>
  activation === 'relu' ? 'out0 = mix(z, vec4(0), lessThan(z, vec4(0)));' : 'out0 = z;';

/** [dgamma, dbeta], or one of them. */
function sums(runner: WebglRunner, inputs: Infos, g: BatchNormGeometry, wanted: readonly ('dgamma' | 'dbeta')[]): TensorInfo[] {
  const body = `${normalisedCode(inputs)}
    ${unfusedCode(g.activation)}
    vec4 weighed = dz * xhat;
    if (!two) { dz.zw = vec2(0); weighed.zw = vec2(0); }
    sum += vec4(dz.xy + dz.zw, weighed.xy + weighed.zw);`;
  const code = () => overSlice('vec4 sum = vec4(0);', body, 'out0 = sum;');
  const floats = { epsilon: g.epsilon };
  const slices = slicedSums(runner, 'CnnBatchNorm sums, slices', g, g.activation, code, readAs(inputs), floats);
  const cut = cutOf(g.shape);
  const made = runner.run({
    name: 'CnnBatchNorm sums',
    geometry: g,
    variant: wanted.join(' '),
    code: () => `void compute(int c) {
  vec4 sum = vec4(0);
  for (int slice = 0; slice < slices; slice++) sum += part(slice * depth + c);
  ${wanted.map((name, i) => `out${i} = vec4(sum.${name === 'dbeta' ? 'xy' : 'zw'}, 0., 0.);`).join('\n  ')}
}`,
    inputs: { part: slices },
    ints: { slices: cut.slices, depth: cut.depth },
    outputs: wanted.map(() => [g.channels]),
  });
  runner.dispose(slices);
  return made;
}

export const trainingWebgl: Kernels = {
  forward({ x, gamma, beta, ...running }, g, runner) {
    const [mean, variance, ...updated] = statistics(runner, { x, ...running }, g) as [TensorInfo, TensorInfo, ...TensorInfo[]];
    const y = ofShape(runner, 'CnnBatchNorm forward', { x, gamma, beta, mean, variance }, g, activated(g));
    return [y, mean, variance, ...updated];
  },

  dx(inputs, g, runner) {
    const [dgamma, dbeta] = sums(runner, inputs, g, ['dgamma', 'dbeta']) as [TensorInfo, TensorInfo];
    const values = `${unfusedCode(g.activation)}
  out0 = gain / deviation * (dz - dbetaAt(c).xyxy / allRows - xhat * (dgammaAt(c).xyxy / allRows));`;
    const dx = ofShape(runner, 'CnnBatchNormTraining dx', { ...inputs, dgamma, dbeta }, g, values);
    return [dx, dgamma, dbeta];
  },
};

export const inferenceWebgl: Kernels = {
  forward: (inputs, g, runner) => [ofShape(runner, 'CnnBatchNorm forward', inputs, g, activated(g))],
  dx: (inputs, g, runner) => [
    ofShape(runner, 'CnnBatchNorm dx', inputs, g, `${unfusedCode(g.activation)}\n  out0 = dz * gain / deviation;`),
  ],
  dgamma: (inputs, g, runner) => sums(runner, inputs, g, ['dgamma']),
  dbeta: (inputs, g, runner) => sums(runner, inputs, g, ['dbeta']),
};
