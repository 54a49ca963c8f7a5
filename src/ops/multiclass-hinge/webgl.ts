import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { NONE, reduceLosses } from '../loss/webgl.js';
import type { MulticlassHingeGeometry } from './multiclass-hinge.js';

/**
 * Rows go in pairs, as texels have them: texel (pair, c) of [batch, classes] holds classes 2c and 2c + 1 of two rows, and a texel of
 * [batch] its two numbers. `vec2 classes(pair)` are the rows' classes; -1 where there is no such class.
 */
function classCode(indexed: boolean): string {
  if (indexed)
    return `float one(float label) { return label >= 0. && label < float(count) ? floor(label) : -1.; }
vec2 classes(int pair) {
  vec2 l = labels(pair).xy;
  return vec2(one(l.x), one(l.y));
}`;
  return `vec2 classes(int pair) {
  vec2 best = labels(pair * depth).xz, found = vec2(0);
  for (int j = 1; j < count; j++) {
    vec4 l = labels(pair * depth + (j >> 1));
    vec2 v = (j & 1) == 0 ? l.xz : l.yw;
    if (v.x > best.x) { best.x = v.x; found.x = float(j); }
    if (v.y > best.y) { best.y = v.y; found.y = float(j); }
  }
  return found;
}`;
}

/** `vec4 leads(pair, c, own)`: by how much the wrong classes of a texel miss the margin. */
const LEADS = `float logit(int pair, float k, bool second) {
  vec4 z = logits(pair * depth + (int(k) >> 1));
  vec2 row = second ? z.zw : z.xy;
  return (int(k) & 1) == 0 ? row.x : row.y;
}
vec2 ownOf(int pair, vec2 k) { return vec2(logit(pair, max(k.x, 0.), false), logit(pair, max(k.y, 0.), true)); }
vec4 leads(int pair, int c, vec2 own) { return margin + (logits(pair * depth + c) - own.xxyy); }
bvec4 wrong(int c, vec2 k) {
  vec4 j = vec4(2 * c, 2 * c + 1, 2 * c, 2 * c + 1);
  return bvec4(j.x != k.x, j.y != k.x && 2 * c + 1 < count, j.z != k.y, j.w != k.y && 2 * c + 1 < count);
}`;

/** One fragment adds up the terms of two rows; NaN stays NaN. */
const lossCode = (indexed: boolean): string => `${classCode(indexed)}
${LEADS}
float term(float lead) { return lead <= 0. ? 0. : lead; }
void compute(int pair) {
  vec2 k = classes(pair), own = ownOf(pair, k), loss = vec2(0);
  for (int c = 0; c < depth; c++) {
    vec4 v = leads(pair, c, own);
    v = mix(vec4(0), vec4(term(v.x), term(v.y), term(v.z), term(v.w)), wrong(c, k));
    loss += v.xz + v.yw;
  }
  out0 = vec4(k.x < 0. ? ${NONE} : loss.x, k.y < 0. ? ${NONE} : loss.y, 0., 0.);
}`;

/** One fragment counts the terms of two rows that are positive, beside the rows' classes. */
const countCode = (indexed: boolean): string => `${classCode(indexed)}
${LEADS}
void compute(int pair) {
  vec2 k = classes(pair), own = ownOf(pair, k), violations = vec2(0);
  for (int c = 0; c < depth; c++) {
    vec4 v = mix(vec4(0), vec4(greaterThan(leads(pair, c, own), vec4(0))), wrong(c, k));
    violations += v.xz + v.yw;
  }
  out0 = vec4(k, violations);
}`;

const gradientCode = (each: boolean): string => `${LEADS}
float slope(float lead, bool other, float k, float violations, float row) {
  if (k < 0.) return ${NONE};
  return other ? (lead > 0. ? row : 0.) : -row * violations;
}
void compute(int texel) {
  int pair = quotient(texel, depth), c = texel - pair * depth;
  vec4 found = rows(pair), v = leads(pair, c, ownOf(pair, found.xy));
  bvec4 other = wrong(c, found.xy);
  vec2 row = ${each ? 'dy(pair).xy' : 'vec2(dy(0).x)'} * weight;
  out0 = vec4(slope(v.x, other.x, found.x, found.z, row.x), slope(v.y, other.y, found.x, found.z, row.x),
    slope(v.z, other.z, found.y, found.w, row.y), slope(v.w, other.w, found.y, found.w, row.y));
}`;

const numbers = (g: MulticlassHingeGeometry) => ({
  geometry: g,
  ints: { count: g.classes, depth: half(g.classes) },
  floats: { margin: g.margin, weight: rowWeight(g) },
});

export const webgl: Parts<RunnerKernel<MulticlassHingeGeometry, WebglRunner>> = {
  forward({ logits, labels }, g, runner) {
    const name = 'CnnMulticlassHinge forward';
    const [losses] = runner.run({
      ...{ ...numbers(g), name: `${name}, rows`, variant: String(g.indexed), code: () => lossCode(g.indexed) },
      inputs: { logits: logits!, labels: labels! },
      outputs: [[g.batch]],
    });
    return [reduceLosses(runner, name, g, losses!)];
  },

  dlogits({ dy, logits, labels }, g, runner) {
    const name = 'CnnMulticlassHinge dlogits';
    const [rows] = runner.run({
      ...{ ...numbers(g), name: `${name}, rows`, variant: String(g.indexed), code: () => countCode(g.indexed) },
      inputs: { logits: logits!, labels: labels! },
      outputs: [[half(g.batch), 2, 2]],
    }) as [TensorInfo];
    const each = g.reduction === 'none';
    const dlogits = runner.run({
      ...{ ...numbers(g), name, variant: String(each), code: () => gradientCode(each) },
      inputs: { dy: dy!, logits: logits!, rows },
      outputs: [[g.batch, g.classes]],
    });
    runner.dispose(rows);
    return dlogits;
  },
};
