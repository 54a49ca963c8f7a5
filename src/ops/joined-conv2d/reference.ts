import type { BufferKernel, Parts } from '../../kernels.js';
import { reference as activation } from '../activation/reference.js';
import { moveToRange } from '../concat/kernels.js';
import { reference as convolution } from '../conv2d/reference.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { loops } from './loops.js';

/** Every convolution by itself, in float64, then put where it belongs. */
export function reference(pattern: string): Parts<BufferKernel<Float64Array, JoinedConv2DGeometry>> {
  return loops<Float64Array>(pattern, {
    convolution,
    activation,
    convolve(inputs, y, g, i) {
      const own = new Float64Array(g.rows * g.channels[i]!);
      const { [`x${i}`]: x, [`filter${i}`]: filter, [`bias${i}`]: bias } = inputs;
      convolution['forward']!({ x: x!, filter: filter!, bias: bias! }, { y: own }, g.convolutions[i]!);
      moveToRange(own, y, g, i);
    },
  });
}
