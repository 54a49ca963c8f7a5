import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { LOOK } from '../pool/webgl-largest.js';
import { type GlobalPoolGeometry, globalPoolShape } from './geometry.js';

type Kernels = Parts<RunnerKernel<GlobalPoolGeometry, WebglRunner>>;

/** The result as a matrix [batch, channels], whatever its shape: a texel holds two channels of two pictures. */
const matrix = (info: TensorInfo, g: GlobalPoolGeometry): TensorInfo => ({ ...info, shape: [g.batch, g.outChannels] });

function ints(g: GlobalPoolGeometry): Record<string, number> {
  return {
    batch: g.batch,
    width: g.inWidth,
    wide: half(g.inWidth),
    texelsEach: g.inHeight * half(g.inWidth),
    depth: half(g.inChannels),
  };
}

/** One fragment runs over two pictures: `picture(p, c, values, places)` looks at all pixels of one. */
const PICTURES = `void compute(int texel) {
  int pair = quotient(texel, depth), c = texel - pair * depth, p = pair << 1;
  out0 = vec4(0);
  out0.xy = picture(p, c);
  if (p + 1 < batch) out0.zw = picture(p + 1, c);
}`;

/** Of all pixels: value and number of each, in the order of the picture. */
const eachPixel = (body: string): string => `  for (int i = 0; i < texelsEach; i++) {
    vec4 two = x((p * texelsEach + i) * depth + c);
    int row = quotient(i, wide), left = row * width + (i - row * wide) * 2;
    bool right = (i - row * wide) * 2 + 1 < width;
${body}
  }`;

const MEAN = `vec2 picture(int p, int c) {
  vec2 sum = vec2(0);
${eachPixel('    sum += right ? two.xy + two.zw : two.xy;')}
  return sum * share;
}
${PICTURES}`;

function largest(what: 'best' | 'place'): string {
  const pixel = (lanes: string, at: string) =>
    `look(two.${lanes[0]}, float(${at}), best.x, place.x); look(two.${lanes[1]}, float(${at}), best.y, place.y);`;
  return `${LOOK}
vec2 picture(int p, int c) {
  vec2 best = vec2(0), place = vec2(-1);
${eachPixel(`    ${pixel('xy', 'left')}\n    if (right) { ${pixel('zw', 'left + 1')} }`)}
  return ${what};
}
${PICTURES}`;
}

/** Where the fragment's two pixels and channels are, and the texel of [batch, channels] that belongs to them. */
const SPREAD = `void compute(int texel) {
  int rest = quotient(texel, depth), c = texel - rest * depth, p = quotient(rest, texelsEach), i = rest - p * texelsEach;
  int row = quotient(i, wide), left = row * width + (i - row * wide) * 2;
  int at = (p >> 1) * depth + c;
  bool second = (p & 1) == 1;`;

function pooled(runner: WebglRunner, name: string, code: () => string, x: TensorInfo, g: GlobalPoolGeometry): TensorInfo {
  const [made] = runner.run({
    name,
    geometry: g,
    code,
    inputs: { x },
    ints: ints(g),
    floats: { share: 1 / (g.inHeight * g.inWidth) },
    outputs: [[g.batch, g.outChannels]],
  });
  return made!;
}

function spread(
  runner: WebglRunner,
  name: string,
  code: string,
  inputs: Record<string, TensorInfo>,
  g: GlobalPoolGeometry,
): TensorInfo[] {
  return runner.run({
    name,
    geometry: g,
    code: () => `${SPREAD}\n${code}\n}`,
    inputs,
    ints: ints(g),
    floats: { share: 1 / (g.inHeight * g.inWidth) },
    outputs: [[g.batch, g.inHeight, g.inWidth, g.inChannels]],
  });
}

export const averageWebgl: Kernels = {
  forward: ({ x }, g, runner) => [
    { ...pooled(runner, 'CnnGlobalAvgPool forward', () => MEAN, x!, g), shape: globalPoolShape(g) },
  ],
  dx: ({ dy }, g, runner) =>
    spread(
      runner,
      'CnnGlobalAvgPool dx',
      'vec4 v = dy(at);\n  out0 = share * (second ? v.zwzw : v.xyxy);',
      { dy: matrix(dy!, g) },
      g,
    ),
};

export const maxWebgl: Kernels = {
  forward: ({ x }, g, runner) => [
    { ...pooled(runner, 'CnnGlobalMaxPool forward', () => largest('best'), x!, g), shape: globalPoolShape(g) },
  ],
  dx({ dy, x }, g, runner) {
    const place = pooled(runner, 'CnnGlobalMaxPool places', () => largest('place'), x!, g);
    const code = `vec4 v = dy(at), k = place(at);
  v = second ? v.zwzw : v.xyxy;
  k = second ? k.zwzw : k.xyxy;
  out0 = mix(vec4(0), v, equal(k, vec4(vec2(left), vec2(left + 1))));`;
    const dx = spread(runner, 'CnnGlobalMaxPool dx', code, { dy: matrix(dy!, g), place }, g);
    runner.dispose(place);
    return dx;
  },
};
