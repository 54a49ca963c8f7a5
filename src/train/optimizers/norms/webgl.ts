import type { TensorInfo } from '@tensorflow/tfjs-core';
import { elementwise } from '../../../backends/webgl/elementwise.js';
import { half, matricesOf } from '../../../backends/webgl/layout.js';
import type { WebglRunner } from '../../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../../kernels.js';
import { CLIPPED, limit } from '../webgl-update.js';
import { LEAST } from './kernels.js';
import type { ClipFactorGeometry, SquareSumGeometry, TrustRatioGeometry } from './norms.js';

/** One fragment adds up a slice of the texels; what is beyond the sizes is left out. */
const slicesCode = (term: string): string => `${CLIPPED}
void compute(int slice) {
  int end = min((slice + 1) * sliceTexels, texels);
  vec4 sum = vec4(0);
  for (int texel = slice * sliceTexels; texel < end; texel++) {
    vec4 v = ${term};
    int line = quotient(texel, columnTexels), c = texel - line * columnTexels;
    bool right = 2 * c + 1 < columns, below = 2 * (line - quotient(line, rowTexels) * rowTexels) + 1 < rows;
    v = mix(vec4(0), v, bvec4(true, right, below, right && below));
    sum += v * v;
  }
  out0 = vec4(sum.x + sum.y + sum.z + sum.w, 0., 0., 0.);
}`;

/** `float total()` of the slices that slicesCode made. */
const totalCode = (name: string): string => `float ${name}Total() {
  float sum = 0.;
  for (int slice = 0; slice < ${name}Slices; slice++) sum += ${name}(slice).x;
  return sum;
}`;

/** Sums of squares of the elements, cut into as many slices as each has texels. */
interface Slices {
  readonly sums: TensorInfo;
  readonly count: number;
}

/** @param clip elements are multiplied by `scale` and clipped so before; default: neither */
function squares(runner: WebglRunner, name: string, g: object, x: TensorInfo, clip?: number, scale?: TensorInfo): Slices {
  const { rows, columns, texels } = matricesOf(x.shape);
  const sliceTexels = Math.ceil(Math.sqrt(texels));
  const count = Math.ceil(texels / sliceTexels);
  const scaled = scale ? 'scale(0).x * x(texel)' : 'x(texel)';
  const [sums] = runner.run({
    name: `${name}, slices`,
    geometry: g,
    variant: String(clip === undefined),
    code: () => slicesCode(clip === undefined ? scaled : `clipped(${scaled})`),
    inputs: { x, ...(scale && { scale }) },
    ints: { sliceTexels, texels, rows, columns, rowTexels: half(rows), columnTexels: half(columns) },
    floats: { clip: limit(clip ?? Infinity) },
    outputs: [[count, 2, 2]],
  });
  return { sums: sums!, count };
}

export const squareSumWebgl: Parts<RunnerKernel<SquareSumGeometry, WebglRunner>> = {
  forward({ x, before }, g, runner) {
    const { sums, count } = squares(runner, 'CnnSquareSum', g, x!);
    const sum = runner.run({
      name: 'CnnSquareSum',
      geometry: g,
      code: () =>
        `${totalCode('x')}\nvoid compute(int texel) { out0 = vec4(xTotal()${before ? ' + before(0).x' : ''}, 0., 0., 0.); }`,
      inputs: { x: sums, ...(before && { before }) },
      ints: { xSlices: count },
      outputs: [[]],
    });
    runner.dispose(sums);
    return sum;
  },
};

export const clipFactorWebgl: Parts<RunnerKernel<ClipFactorGeometry, WebglRunner>> = {
  forward: ({ sum }, g, runner) =>
    elementwise(runner, {
      ...{ name: 'CnnClipFactor', geometry: g, shape: [], outputs: 2, inputs: { sum } },
      floats: { most: limit(g.most), least: LEAST },
      values: 'out0 = sqrt(sum);\nout1 = most / (out0 + least);\nout1 = mix(out1, vec4(1), greaterThan(out1, vec4(1)));',
    }),
};

const RATIO = `${totalCode('value')}
${totalCode('gradient')}
void compute(int texel) {
  float w = sqrt(valueTotal()), d = sqrt(gradientTotal());
  out0 = vec4(w > 0. && d > 0. ? coefficient * w / (d + weightDecay * w + epsilon) : 1., 0., 0., 0.);
}`;

export const trustRatioWebgl: Parts<RunnerKernel<TrustRatioGeometry, WebglRunner>> = {
  forward({ value, gradient, scale }, g, runner) {
    const { clip, coefficient, weightDecay, epsilon } = g;
    const ofValue = squares(runner, 'CnnTrustRatio value', g, value!);
    const ofGradient = squares(runner, 'CnnTrustRatio gradient', g, gradient!, clip, scale);
    const ratio = runner.run({
      name: 'CnnTrustRatio',
      geometry: g,
      code: () => RATIO,
      inputs: { value: ofValue.sums, gradient: ofGradient.sums },
      ints: { valueSlices: ofValue.count, gradientSlices: ofGradient.count },
      floats: { coefficient, weightDecay, epsilon },
      outputs: [[]],
    });
    runner.dispose(ofValue.sums, ofGradient.sums);
    return ratio;
  },
};
