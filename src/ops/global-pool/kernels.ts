import { reshape } from '@tensorflow/tfjs-core';
import type { KernelSet, Parts, PortableKernel } from '../../kernels.js';
import type { AdaptivePoolGeometry } from '../adaptive-pool/geometry.js';
import { averageKernels as adaptiveAverage, maxKernels as adaptiveMax } from '../adaptive-pool/kernels.js';
import { type GlobalPoolGeometry, globalPoolShape } from './geometry.js';

/** Buffers have no shape: only the compositions, which see tensors, must turn [batch, channels] to and fro. */
function reshaped({ forward, dx }: Parts<PortableKernel<AdaptivePoolGeometry>>): Parts<PortableKernel<GlobalPoolGeometry>> {
  return {
    forward: (inputs, g) => {
      const [y] = [forward(inputs, g)].flat();
      return reshape(y, globalPoolShape(g));
    },
    dx: ({ dy, x, y }, g) => {
      const shape = [g.batch, 1, 1, g.outChannels];
      return dx({ dy: reshape(dy, shape), ...(x && { x }), ...(y && { y: reshape(y, shape) }) }, g);
    },
  };
}

export const averageKernels: KernelSet<GlobalPoolGeometry> = { ...adaptiveAverage, portable: reshaped(adaptiveAverage.portable) };

export const maxKernels: KernelSet<GlobalPoolGeometry> = { ...adaptiveMax, portable: reshaped(adaptiveMax.portable) };
