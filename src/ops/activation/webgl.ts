import { elementwise } from '../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { ActivationKind } from './functions.js';
import type { ActivationGeometry } from './geometry.js';
import { EXPM1, TANH } from './webgl-fused.js';
import { gated } from './webgl-gated.js';

/** log(1 + u) for u in (0, 1], as twice the inverse tangent of z = u / (2 + u), which keeps every digit of a small u. */
const LOG1P = `float log1p(float u) {
  float z = u / (2. + u), q = z * z;
  return 2. * z * (1. + q * (1. / 3. + q * (.2 + q * (1. / 7. + q * (1. / 9. + q * (1. / 11. + q * (1. / 13. + q / 15.)))))));
}`;

const SELU = 'const float scale = 1.0507009873554805, height = 1.6732632423543772;';

/** `value(x)` and `slope(y)` by kind, as functions.ts has them; NaN stays NaN. */
const kinds: Readonly<Record<ActivationKind, { value: string; slope: string; needs?: string }>> = {
  linear: { value: 'x', slope: '1.' },
  relu: { value: 'x < 0. ? 0. : x', slope: 'y <= 0. ? 0. : 1.' },
  relu6: { value: 'x < 0. ? 0. : x > 6. ? 6. : x', slope: 'y <= 0. || y >= 6. ? 0. : 1.' },
  elu: { value: 'x > 0. ? x : alpha * expm1(x)', slope: 'y <= 0. ? y + alpha : 1.', needs: EXPM1 },
  sigmoid: { value: '1. / (1. + exp(-x))', slope: 'y * (1. - y)' },
  tanh: { value: 'tanhOf(x)', slope: '1. - y * y', needs: `${EXPM1}\n${TANH}` },
  leakyRelu: { value: 'x > 0. ? x : alpha * x', slope: 'y <= 0. ? alpha : 1.' },
  selu: {
    value: 'scale * (x > 0. ? x : height * expm1(x))',
    slope: 'y <= 0. ? y + scale * height : scale',
    needs: `${EXPM1}\n${SELU}`,
  },
  softplus: { value: 'max(x, 0.) + log1p(exp(-abs(x)))', slope: '-expm1(-y)', needs: `${EXPM1}\n${LOG1P}` },
  hardSigmoid: {
    value: 'x < -3. ? 0. : x > 3. ? 1. : (x + 3.) / 6.',
    slope: 'y <= 0. || y >= 1. ? 0. : 1. / 6.',
  },
  ...gated,
};

const each = (f: string, of: string): string => `vec4(${['x', 'y', 'z', 'w'].map((lane) => `${f}(${of}.${lane})`).join(', ')})`;

/** Gated ones are given x where the others are given y. */
export const webgl: Parts<RunnerKernel<ActivationGeometry, WebglRunner>> = {
  forward({ x }, g, runner) {
    const { value, needs = '' } = kinds[g.kind];
    return elementwise(runner, {
      ...{ name: 'CnnActivation forward', geometry: g, variant: g.kind, shape: g.shape },
      functions: `${needs}\nfloat act(float x) { return ${value}; }`,
      values: `out0 = ${each('act', 'x')};`,
      inputs: { x },
      floats: { alpha: g.alpha },
    });
  },

  dx({ dy, x, y = x }, g, runner) {
    const { slope, needs = '' } = kinds[g.kind];
    return elementwise(runner, {
      ...{ name: 'CnnActivation dx', geometry: g, variant: g.kind, shape: g.shape },
      functions: `${needs}\nfloat slope(float y) { return ${slope}; }`,
      // A slope of 0 stops dy, whatever dy is: an infinity behind a dead relu stays there.
      values: `vec4 s = ${each('slope', 'y')};\nout0 = mix(dy * s, vec4(0), equal(s, vec4(0)));`,
      inputs: { dy, y },
      floats: { alpha: g.alpha },
    });
  },
};
