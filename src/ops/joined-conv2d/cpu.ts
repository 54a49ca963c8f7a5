import type { BufferKernel, Parts } from '../../kernels.js';
import { cpu as activation } from '../activation/cpu.js';
import { cpu as convolution } from '../conv2d/cpu.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { loops } from './loops.js';

/** conv2d's kernels, which write a range of the channels of y each. */
export function cpu(pattern: string): Parts<BufferKernel<Float32Array, JoinedConv2DGeometry>> {
  return loops<Float32Array>(pattern, {
    convolution,
    activation,
    convolve(inputs, y, g, i) {
      const { [`x${i}`]: x, [`filter${i}`]: filter, [`bias${i}`]: bias } = inputs;
      convolution['forward']!({ x: x!, filter: filter!, bias: bias! }, { y: y.subarray(g.offsets[i]) }, g.convolutions[i]!);
    },
  });
}
