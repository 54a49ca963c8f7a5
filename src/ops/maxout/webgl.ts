import type { TensorInfo } from '@tensorflow/tfjs-core';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { LOOK } from '../pool/webgl-largest.js';
import type { MaxoutGeometry } from './kernels.js';

/** One fragment: two rows of two channels of y, or which of their pieces are the largest. */
const largest = (wanted: 'best' | 'place'): string => `${LOOK}
vec2 largest(int line, int o) {
  vec2 best = vec2(0), place = vec2(-1);
  for (int p = 0; p < pieces; p++) {
    int channel = o * pieces + p;
    vec4 four = x(line * inDepth + (channel >> 1));
    vec2 v = (channel & 1) == 0 ? four.xz : four.yw;
    look(v.x, float(p), best.x, place.x);
    look(v.y, float(p), best.y, place.y);
  }
  return ${wanted};
}
void compute(int texel) {
  int line = quotient(texel, outDepth), o = (texel - line * outDepth) << 1;
  vec2 left = largest(line, o), right = o + 1 < channels ? largest(line, o + 1) : vec2(0);
  out0 = vec4(left.x, right.x, left.y, right.y);
}`;

/** One fragment: two rows of two channels of dx; dy where they are the piece that was chosen. */
const BACK = `vec2 sent(int line, int channel) {
  int o = quotient(channel, pieces), at = line * outDepth + (o >> 1);
  vec4 k = place(at), v = dy(at);
  vec2 chosen = (o & 1) == 0 ? k.xz : k.yw, share = (o & 1) == 0 ? v.xz : v.yw;
  float piece = float(channel - o * pieces);
  return vec2(chosen.x == piece ? share.x : 0., chosen.y == piece ? share.y : 0.);
}
void compute(int texel) {
  int line = quotient(texel, inDepth), channel = (texel - line * inDepth) << 1;
  vec2 left = sent(line, channel), right = sent(line, channel + 1);
  out0 = vec4(left.x, right.x, left.y, right.y);
}`;

function ints({ shape, pieces }: MaxoutGeometry): Record<string, number> {
  const channels = shape.at(-1)! / pieces;
  return { pieces, channels, inDepth: half(shape.at(-1)!), outDepth: half(channels) };
}

function pooled(runner: WebglRunner, x: TensorInfo, g: MaxoutGeometry, wanted: 'best' | 'place'): TensorInfo[] {
  const outputs = [[...g.shape.slice(0, -1), g.shape.at(-1)! / g.pieces]];
  const code = () => largest(wanted);
  return runner.run({ name: `CnnMaxout ${wanted}`, geometry: g, code, inputs: { x }, ints: ints(g), outputs });
}

/** x [..., channels]; y [..., channels / pieces]. */
export const webgl: Parts<RunnerKernel<MaxoutGeometry, WebglRunner>> = {
  forward: ({ x }, g, runner) => pooled(runner, x!, g, 'best'),

  dx({ dy, x }, g, runner) {
    const [place] = pooled(runner, x!, g, 'place') as [TensorInfo];
    const inputs = { dy: dy!, place };
    const part = { name: 'CnnMaxout dx', geometry: g, code: () => BACK };
    const dx = runner.run({ ...part, inputs, ints: ints(g), outputs: [[...g.shape]] });
    runner.dispose(place);
    return dx;
  },
};
