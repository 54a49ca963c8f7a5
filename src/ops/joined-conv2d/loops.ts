import type { BufferKernel, Named, Parts } from '../../kernels.js';
import type { ActivationGeometry } from '../activation/geometry.js';
import { activationGeometry } from '../activation/geometry.js';
import { moveOfRange, moveToRange } from '../concat/kernels.js';
import type { Conv2DGeometry } from '../conv2d/geometry.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { branchesOf, kernelsOf } from './parts.js';

/** What the loops are made of, in one number format. */
interface Ingredients<Buffer> {
  convolution: Parts<BufferKernel<Buffer, Conv2DGeometry>>;
  activation: Parts<BufferKernel<Buffer, ActivationGeometry>>;
  /** Convolution `i` to its channels of y. */
  convolve(inputs: Named<Buffer>, y: Buffer, g: JoinedConv2DGeometry, i: number): void;
}

/** The kernels on typed arrays, of a pattern as parts.ts has it. */
export function loops<Buffer extends Float32Array | Float64Array>(
  pattern: string,
  { convolution, activation, convolve }: Ingredients<Buffer>,
): Parts<BufferKernel<Buffer, JoinedConv2DGeometry>> {
  return kernelsOf<BufferKernel<Buffer, JoinedConv2DGeometry>>(
    pattern,
    {
      forward(inputs, { y }, g) {
        for (const i of branchesOf(pattern, 'C')) convolve(inputs, y!, g, i);
        for (const i of branchesOf(pattern, 'T')) moveToRange(inputs[`x${i}`]!, y!, g, i);
      },
      shared({ dy, y }, outputs, g) {
        for (const i of branchesOf(pattern, 'C')) {
          const own = outputs[`dy${i}`]!;
          const kind = g.convolutions[i]!.activation;
          moveOfRange(dy!, own, g, i);
          if (kind === 'linear') continue;
          const seen = own.slice() as Buffer;
          moveOfRange(y!, seen, g, i);
          activation['dx']!({ dy: own, y: seen }, { dx: own }, activationGeometry(kind, [own.length]));
        }
      },
    },
    (part, i) => (inputs, outputs, g) => {
      const own = { x: inputs[`x${i}`]!, filter: inputs[`filter${i}`]!, dy: inputs[`dy${i}`]! };
      convolution[part]!(own, { [part]: outputs[`${part}${i}`]! }, g.convolutions[i]!);
    },
    (i) =>
      ({ dy }, outputs, g) =>
        moveOfRange(dy!, outputs[`dx${i}`]!, g, i),
  );
}
