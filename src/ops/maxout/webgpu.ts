import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { nanText } from '../pool/webgpu-windows.js';
import type { MaxoutGeometry } from './kernels.js';

/** One thread looks for `best`, the place of the first largest piece of one output. */
const program = (reads: readonly string[], writes: string, body: string): Program => ({
  reads: Object.fromEntries(reads.map((name) => [name, 'f32' as const])),
  writes: { [writes]: 'f32' },
  uniforms: { size: 'u32', pieces: 'u32' },
  text: `${nanText()}
${forEach(
  'u.size',
  `  let begin = i * u.pieces;
  var best = begin;
  for (var at = begin + 1u; at < begin + u.pieces; at++) {
    if (beats(x[at], x[best])) { best = at; }
  }
${body}`,
)}`,
});

export const webgpu: Parts<RunnerKernel<MaxoutGeometry, WebgpuRunner>> = {
  forward({ x }, g, runner) {
    const { shape, pieces, outputs: size } = g;
    const y = runner.output([...shape.slice(0, -1), shape.at(-1)! / pieces]);
    const compiled = runner.program('maxout forward', '', g, () => program(['x'], 'y', '  y[i] = x[best];'));
    runner.launchForEach(compiled, { x, y }, { size, pieces }, size);
    return [y];
  },

  dx({ dy, x }, g, runner) {
    const { shape, pieces, outputs: size } = g;
    const dx = runner.output([...shape]);
    const spread = '  for (var at = begin; at < begin + u.pieces; at++) { dx[at] = select(0.0, dy[i], at == best); }';
    const compiled = runner.program('maxout dx', '', g, () => program(['dy', 'x'], 'dx', spread));
    runner.launchForEach(compiled, { dy, x, dx }, { size, pieces }, size);
    return [dx];
  },
};
