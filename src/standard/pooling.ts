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
  extend(g: WindowGeometry): object;
}

const max: Kind = { op: maxPool.definition as unknown as ReadyOp<object>, extend: (g) => g };

/** tfjs never counts padding. */
const average: Kind = {
  op: avgPool.definition as unknown as ReadyOp<object>,
  extend: (g) => ({ ...g, countIncludePad: false }),
};

function forward(kernelName: string, { op, extend }: Kind): StandardKernel {
  return {
    kernelName,
    plan(call) {
      const geometry = poolingGeometry(call, call.inputs['x']!);
      return geometry && ((host, backend) => host.run(op, 'forward', call.inputs, extend(geometry), backend));
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
      return geometry && ((host, backend) => host.run(op, 'dx', { dy, x: input, y: output }, extend(geometry), backend));
    },
  };
}

export const pools: readonly StandardKernel[] = [
  forward('MaxPool', max),
  backward('MaxPoolGrad', max),
  forward('AvgPool', average),
  backward('AvgPoolGrad', average),
];
