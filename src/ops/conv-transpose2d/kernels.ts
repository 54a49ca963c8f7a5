import { slice, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import type { KernelSet, Named, Parts } from '../../kernels.js';
import { activationCode } from '../activation/functions.js';
import { applyFused } from '../activation/fused.js';
import { biasAndActivation } from '../activation/portable-fused.js';
import { cpu } from '../conv2d/cpu.js';
import type { Conv2DGeometry } from '../conv2d/geometry.js';
import { portable } from '../conv2d/portable.js';
import { reference } from '../conv2d/reference.js';
import { wasmCnn } from '../conv2d/wasm.js';
import type { ConvTranspose2DGeometry } from './geometry.js';

/** A kernel of any runtime; what follows the geometry is the runtime itself, where there is one. */
type Kernel<Buffer, Geometry, Runtime extends unknown[]> = (
  inputs: Named<Buffer>,
  outputs: Named<Buffer>,
  geometry: Geometry,
  ...runtime: Runtime
) => void;

/** The convolution's pixels of y, as its dbias counts them: our y is its x. */
function countedFromY(g: Conv2DGeometry): Conv2DGeometry {
  return { ...g, outHeight: g.inHeight, outWidth: g.inWidth, outChannels: g.inChannels };
}

/** The kernels of a convolution in other roles; `finish` adds the bias and applies the activation to y. */
function transposed<Buffer, Runtime extends unknown[]>(
  conv: Parts<Kernel<Buffer, Conv2DGeometry, Runtime>>,
  finish: (y: Buffer, bias: Buffer | undefined, g: ConvTranspose2DGeometry, ...runtime: Runtime) => void,
): Parts<Kernel<Buffer, ConvTranspose2DGeometry, Runtime>> {
  return {
    forward({ x, filter, bias }, { y }, g, ...runtime) {
      conv.dx!({ dy: x!, filter: filter! }, { dx: y! }, g.convolution, ...runtime);
      finish(y!, bias, g, ...runtime);
    },
    dx({ dy, filter }, { dx }, g, ...runtime) {
      conv.forward!({ x: dy!, filter: filter! }, { y: dx! }, g.convolution, ...runtime);
    },
    dfilter({ x, dy }, { dfilter }, g, ...runtime) {
      conv.dfilter!({ x: dy!, dy: x! }, { dfilter: dfilter! }, g.convolution, ...runtime);
    },
    dbias({ dy }, { dbias }, g, ...runtime) {
      conv.dbias!({ dy: dy! }, { dbias: dbias! }, countedFromY(g.convolution), ...runtime);
    },
  };
}

function finishBuffer<Buffer extends Float32Array | Float64Array>(
  y: Buffer,
  bias: Buffer | undefined,
  { activation }: ConvTranspose2DGeometry,
): void {
  if (bias) for (let i = 0, c = 0; i < y.length; i++, c = c + 1 === bias.length ? 0 : c + 1) y[i]! += bias[c]!;
  applyFused(y, activation);
}

/** Floats a piece of what is left to do. */
const GRAIN = 65536;

/** Transposed convolution by the kernels of convolution. */
export const kernels: KernelSet<ConvTranspose2DGeometry> = {
  reference: transposed(reference, finishBuffer),
  cpu: transposed(cpu, finishBuffer),

  wasmCnn: transposed(wasmCnn, (y, bias, { convolution: g, activation }, wasm) => {
    if (!bias && activation === 'linear') return;
    const pixels = g.batch * g.inHeight * g.inWidth;
    const grain = Math.ceil(GRAIN / g.inChannels);
    wasm.parallel('biasAndActivation', pixels, grain, y, bias ?? 0, g.inChannels, activationCode[activation]);
  }),

  portable: {
    forward: ({ x, filter, bias }, g) =>
      biasAndActivation(portable.dx!({ dy: x!, filter: filter! }, g.convolution) as Tensor, bias, g.activation),
    dx: ({ dy, filter }, { convolution: g }) => {
      const dx = portable.forward!({ x: dy!, filter: filter! }, g) as Tensor4D;
      // Where more rows were added than a stride has, tfjs finds one window more.
      return slice(dx, [0, 0, 0, 0], [g.batch, g.outHeight, g.outWidth, g.outChannels]);
    },
    dfilter: ({ x, dy }, g) => portable.dfilter!({ x: dy!, dy: x! }, g.convolution),
    dbias: ({ dy }, g) => portable.dbias!({ dy: dy! }, g.convolution),
  },
};
