import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import type { LocalResponseNormalizationGeometry } from './geometry.js';

const uniforms: Program['uniforms'] = {
  ...{ size: 'u32', channels: 'i32', below: 'i32', above: 'i32' },
  ...{ alpha: 'f32', beta: 'f32', k: 'f32' },
};

/** s of channel c, whose pixel's first channel is element `first`. */
const scaleText = `
fn scaleAt(first: i32, c: i32) -> f32 {
  var sum = 0.0;
  for (var other = max(0, c - u.below); other <= min(u.channels - 1, c + u.above); other++) {
    sum += x[first + other] * x[first + other];
  }
  return u.k + u.alpha * sum;
}`;

const FIRST = '  let c = i32(i) % u.channels;\n  let first = i32(i) - c;';

const forward = (): Program => ({
  reads: { x: 'f32' },
  writes: { y: 'f32' },
  uniforms,
  text: `${scaleText}
${forEach('u.size', `${FIRST}\n  y[i] = x[i] * pow(scaleAt(first, c), -u.beta);`)}`,
});

/** The windows that hold channel c are those of the channels c - above to c + below. */
const dx = (): Program => ({
  reads: { dy: 'f32', x: 'f32' },
  writes: { dx: 'f32' },
  uniforms,
  text: `${scaleText}
${forEach(
  'u.size',
  `${FIRST}
  var sum = 0.0;
  for (var other = max(0, c - u.above); other <= min(u.channels - 1, c + u.below); other++) {
    sum += dy[first + other] * x[first + other] * pow(scaleAt(first, other), -u.beta - 1.0);
  }
  dx[i] = dy[i] * pow(scaleAt(first, c), -u.beta) - 2.0 * u.alpha * u.beta * x[i] * sum;`,
)}`,
});

function numbers({ shape, channels, below, above, alpha, beta, k }: LocalResponseNormalizationGeometry) {
  const size = shape.reduce((product, length) => product * length, 1);
  return { size, channels, below, above, alpha, beta, k };
}

export const webgpu: Parts<RunnerKernel<LocalResponseNormalizationGeometry, WebgpuRunner>> = {
  forward({ x }, g, runner) {
    const y = runner.output([...g.shape]);
    const sizes = numbers(g);
    runner.launchForEach(runner.program('LRN forward', '', g, forward), { x, y }, sizes, sizes.size);
    return [y];
  },

  dx({ dy, x }, g, runner) {
    const result = runner.output([...g.shape]);
    const sizes = numbers(g);
    runner.launchForEach(runner.program('LRN dx', '', g, dx), { dy, x, dx: result }, sizes, sizes.size);
    return [result];
  },
};
