import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { ReadyOp } from '../backends/kernel-host.js';
import type { WindowGeometry } from '../geometry.js';
import { avgPool } from '../ops/avg-pool/avg-pool.js';
import { maxPool } from '../ops/max-pool/max-pool.js';
import type { StandardKernel } from './standard-kernel.js';
import { poolingGeometry } from './window.js';

/** A pool of ours under tfjs's name. */
interface Kind {
  op: ReadyOp<object>;
  extend(g: WindowGeometry, part: 'forward' | 'dx'): object;
}

/** Kernels on a GPU, whose outputs nobody looks at, pass over NaN themselves: `differs` is not asked there. */
const max: Kind = { op: maxPool.definition as unknown as ReadyOp<object>, extend: (g) => ({ ...g, skipNaN: true }) };

/** tfjs's average leaves padding out of the count, and its gradient counts it: upstream's specs hold it to both. */
const average: Kind = {
  op: avgPool.definition as unknown as ReadyOp<object>,
  extend: (g, part) => ({ ...g, countIncludePad: part === 'dx' }),
};

function forward(kernelName: string, { op, extend }: Kind): StandardKernel {
  return {
    kernelName,
    plan(call) {
      const geometry = poolingGeometry(call, call.inputs['x']!);
      return geometry && { op, part: 'forward', inputs: call.inputs, geometry: extend(geometry, 'forward') };
    },
  };
}

function backward(kernelName: string, { op, extend }: Kind): StandardKernel {
  return {
    kernelName,
    plan(call) {
      // Average pooling has no 'output' here, and its kernel reads none.
      const { dy, input, output } = call.inputs as { dy: TensorInfo; input: TensorInfo; output: TensorInfo };
      const geometry = poolingGeometry(call, input);
      return geometry && { op, part: 'dx', inputs: { dy, x: input, y: output }, geometry: extend(geometry, 'dx') };
    },
  };
}

/** tfjs's maximum passes over NaN, ours hands it on. */
function holdsNaN(output: Float32Array): boolean {
  for (let i = 0; i < output.length; i++) if (output[i] !== output[i]) return true;
  return false;
}

export const pools: readonly StandardKernel[] = [
  { ...forward('MaxPool', max), differs: holdsNaN },
  backward('MaxPoolGrad', max),
  forward('AvgPool', average),
  backward('AvgPoolGrad', average),
];
