import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { NONE, reduceLosses } from '../loss/webgl.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

/**
 * Rows go in pairs, as texels have them: texel (pair, c) of [batch, classes] holds classes 2c and 2c + 1 of two rows, and a texel of
 * [batch] its two numbers. `vec4 wanted(pair, c)` is the smoothed label; NaN throughout a row whose class does not exist.
 */
function labelCode(indexed: boolean): string {
  if (!indexed)
    return 'vec4 wanted(int pair, int c) { return (1. - smoothing) * labels(pair * depth + c) + smoothing / classesF; }';
  return `float one(float label, int c) {
  if (!(label >= 0. && label < classesF)) return ${NONE};
  return (1. - smoothing) * (label == float(c) ? 1. : 0.) + smoothing / classesF;
}
vec4 wanted(int pair, int c) {
  vec2 l = labels(pair).xy;
  return vec4(one(l.x, 2 * c), one(l.x, 2 * c + 1), one(l.y, 2 * c), one(l.y, 2 * c + 1));
}`;
}

/** One fragment: the largest and the sum of exponentials of two rows, and their losses. */
const rowsCode = (indexed: boolean, weighed: boolean): string => `${labelCode(indexed)}
float term(float q, float logSum, float z) { return q == 0. ? 0. : q * (logSum - z); }
void compute(int pair) {
  vec2 most = logits(pair * depth).xz;
  for (int c = 0; c < depth; c++) {
    vec4 z = logits(pair * depth + c);
    most = max(most, z.xz);
    if (2 * c + 1 < classes) most = max(most, z.yw);
  }
  vec2 sum = vec2(0), loss = vec2(0);
  for (int c = 0; c < depth; c++) {
    vec4 e = exp(logits(pair * depth + c) - most.xxyy);
    sum += 2 * c + 1 < classes ? e.xz + e.yw : e.xz;
  }
  vec2 logSum = log(sum);
  for (int c = 0; c < depth; c++) {
    vec4 z = logits(pair * depth + c) - most.xxyy, q = wanted(pair, c);
    loss += vec2(term(q.x, logSum.x, z.x), term(q.z, logSum.y, z.z));
    if (2 * c + 1 < classes) loss += vec2(term(q.y, logSum.x, z.y), term(q.w, logSum.y, z.w));
  }
  float none = ${NONE};
  out0 = vec4(most, sum);
  loss = vec2(sum.x > 0. ? loss.x : none, sum.y > 0. ? loss.y : none)${weighed ? ' * weights(pair).xy' : ''};
  out1 = vec4(loss, 0., 0.);
}`;

const PROBABILITIES = `void compute(int texel) {
  vec4 row = rows(quotient(texel, depth));
  out0 = exp(logits(texel) - row.xxyy) / row.zzww;
}`;

/** What the labels of a row add up to: 1 where they are classes. */
const sumsCode = (indexed: boolean): string => `${labelCode(indexed)}
void compute(int pair) {
  vec2 sum = vec2(0);
  for (int c = 0; c < depth; c++) {
    vec4 q = wanted(pair, c);
    sum += 2 * c + 1 < classes ? q.xz + q.yw : q.xz;
  }
  out0 = vec4(sum, 0., 0.);
}`;

const gradientCode = (indexed: boolean, weighed: boolean, each: boolean): string => `${labelCode(indexed)}
void compute(int texel) {
  int pair = quotient(texel, depth), c = texel - pair * depth;
  vec2 row = ${each ? 'dy(pair).xy' : 'vec2(dy(0).x)'}${weighed ? ' * weights(pair).xy' : ''} * weight;
  out0 = row.xxyy * (probabilities(texel) * sums(pair).xxyy - wanted(pair, c));
}`;

const numbers = (g: SoftmaxCrossEntropyGeometry) => ({
  ints: { batch: g.batch, classes: g.classes, depth: half(g.classes) },
  floats: { smoothing: g.labelSmoothing, classesF: g.classes, weight: rowWeight(g) },
});

const given = (inputs: Named<TensorInfo | undefined>): Named<TensorInfo> =>
  Object.fromEntries(Object.entries(inputs).filter((entry): entry is [string, TensorInfo] => entry[1] !== undefined));

export const webgl: Parts<RunnerKernel<SoftmaxCrossEntropyGeometry, WebglRunner>> = {
  forward({ logits, labels, weights }, g, runner) {
    const name = 'CnnSoftmaxCrossEntropy forward';
    const shared = { geometry: g, ...numbers(g) };
    const [rows, losses] = runner.run({
      ...{ ...shared, name: `${name}, rows`, variant: String(g.indexed), code: () => rowsCode(g.indexed, !!weights) },
      inputs: given({ logits, labels, weights }),
      outputs: [[half(g.batch), 2, 2], [g.batch]],
    }) as [TensorInfo, TensorInfo];
    const [probabilities] = runner.run({
      ...{ ...shared, name: `${name}, probabilities`, code: () => PROBABILITIES },
      inputs: { logits: logits!, rows },
      outputs: [[g.batch, g.classes]],
    });
    runner.dispose(rows);
    return [reduceLosses(runner, name, g, losses), probabilities!];
  },

  dlogits({ dy, labels, weights, probabilities }, g, runner) {
    const name = 'CnnSoftmaxCrossEntropy dlogits';
    const shared = { geometry: g, ...numbers(g) };
    const [sums] = runner.run({
      ...{ ...shared, name: `${name}, sums`, variant: String(g.indexed), code: () => sumsCode(g.indexed) },
      inputs: { labels: labels! },
      outputs: [[half(g.batch), 2, 2]],
    });
    const each = g.reduction === 'none';
    const dlogits = runner.run({
      ...{ ...shared, name, variant: `${g.indexed} ${each}`, code: () => gradientCode(g.indexed, !!weights, each) },
      inputs: given({ dy, labels, weights, probabilities, sums }),
      outputs: [[g.batch, g.classes]],
    });
    runner.dispose(sums!);
    return dlogits;
  },
};
