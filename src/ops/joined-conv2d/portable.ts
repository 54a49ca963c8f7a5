import { concat, type Tensor } from '@tensorflow/tfjs-core';
import type { Parts, PortableKernel } from '../../kernels.js';
import { activationGeometry } from '../activation/geometry.js';
import { portable as activation } from '../activation/portable.js';
import { sliceOfRange } from '../concat/kernels.js';
import { portable as convolution } from '../conv2d/portable.js';
import type { JoinedConv2DGeometry } from './geometry.js';
import { branchesOf, kernelsOf } from './parts.js';

/** Every convolution by itself, joined by tf.concat. */
export function portable(pattern: string): Parts<PortableKernel<JoinedConv2DGeometry>> {
  return kernelsOf<PortableKernel<JoinedConv2DGeometry>>(
    pattern,
    {
      forward(inputs, g) {
        const branches = g.convolutions.map((own, i) => {
          const { [`x${i}`]: x, [`filter${i}`]: filter, [`bias${i}`]: bias } = inputs;
          return own ? (convolution['forward']!({ x: x!, filter: filter!, bias: bias! }, own) as Tensor) : x!;
        });
        return concat(branches, 3);
      },
      shared({ dy, y }, g) {
        return branchesOf(pattern, 'C').map((i) => {
          const own = sliceOfRange(dy!, g, i);
          const kind = g.convolutions[i]!.activation;
          if (kind === 'linear') return own;
          return activation['dx']!({ dy: own, y: sliceOfRange(y!, g, i) }, activationGeometry(kind, own.shape)) as Tensor;
        });
      },
    },
    (part, i) => (inputs, g) => {
      const own = { x: inputs[`x${i}`]!, filter: inputs[`filter${i}`]!, dy: inputs[`dy${i}`]! };
      return convolution[part]!(own, g.convolutions[i]!);
    },
    (i) =>
      ({ dy }, g) =>
        sliceOfRange(dy!, g, i),
  );
}
