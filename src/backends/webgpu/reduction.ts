import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../ops/activation/fused.js';
import { fusedText } from '../../ops/activation/webgpu-functions.js';
import { forEach, type Program } from './program.js';
import type { WebgpuRunner } from './runner.js';

/** Sums read at a time. */
const AT_ONCE = 8;

function program(withBias: boolean, activation: FusedActivation): Program {
  const terms = Array.from({ length: AT_ONCE }, (_, j) => `parts[at + ${j}u * u.size]`);
  return {
    reads: { parts: 'f32', ...(withBias && { bias: 'f32' }) },
    writes: { y: 'f32' },
    uniforms: { size: 'u32', slices: 'u32', width: 'u32' },
    text: `${fusedText('f32', activation)}
${forEach(
  'u.size',
  `  var sum = 0.0;
  var s = 0u;
  for (; s + ${AT_ONCE}u <= u.slices; s += ${AT_ONCE}u) {
    let at = s * u.size + i;
    sum += ${terms.join(' + ')};
  }
  for (; s < u.slices; s++) { sum += parts[s * u.size + i]; }
  y[i] = fused(sum${withBias ? ' + bias[i % u.width]' : ''});`,
)}`,
  };
}

/** y = act(sum over the slices of parts + bias): parts [slices, size], always added in the same order; bias one number a column. */
export function sumSlices(
  runner: WebgpuRunner,
  parts: TensorInfo,
  y: TensorInfo,
  slices: number,
  end: { bias?: TensorInfo; activation?: FusedActivation; width?: number } = {},
): void {
  const { bias, activation = 'linear', width = 1 } = end;
  const size = y.shape.reduce((product, length) => product * length, 1);
  const compiled = runner.program('sum of slices', `${activation}${bias ? ' bias' : ''}`, y.shape, () =>
    program(!!bias, activation),
  );
  runner.launchForEach(compiled, { parts, bias, y }, { size, slices, width }, size);
}
