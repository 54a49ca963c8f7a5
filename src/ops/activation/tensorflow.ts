import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { ActivationKind } from './functions.js';
import type { ActivationGeometry } from './geometry.js';
import { portable } from './portable.js';

type Run = TensorflowRunner;
type Forward = (run: Run, x: Value, alpha: number) => Value | undefined;
/** dx of dy and y. */
type Backward = (run: Run, dy: Value, y: Value, alpha: number) => Value | undefined;

const named =
  (op: string): Forward =>
  (run, x) =>
    run.op(op, [x]);

const forward: Partial<Record<ActivationKind, Forward>> = {
  linear: (_run, x) => x,
  relu: named('Relu'),
  relu6: named('Relu6'),
  elu: (run, x, alpha) => (alpha === 1 ? run.op('Elu', [x]) : undefined),
  sigmoid: named('Sigmoid'),
  tanh: named('Tanh'),
  leakyRelu: (run, x, alpha) => run.op('LeakyRelu', [x], [run.float('alpha', alpha)]),
  selu: named('Selu'),
  silu: (run, x) => run.op('Mul', [x, run.op('Sigmoid', [x])]),
};

const ofInput =
  (op: string): Backward =>
  (run, dy, y) =>
    run.op(op, [dy, y]);
const ofOutput =
  (op: string): Backward =>
  (run, dy, y) =>
    run.op(op, [y, dy]);

/** Where TensorFlow's gradient reads what went in, what came out tells the same: it has the same sign, and 6 is 6. */
const backward: Partial<Record<ActivationKind, Backward>> = {
  linear: (_run, dy) => dy,
  relu: ofInput('ReluGrad'),
  relu6: ofInput('Relu6Grad'),
  elu: (run, dy, y, alpha) => (alpha === 1 ? run.op('EluGrad', [dy, y]) : undefined),
  sigmoid: ofOutput('SigmoidGrad'),
  tanh: ofOutput('TanhGrad'),
  // At a slope of 0 the sign is lost in y, but then both sides of 0 have the gradient of 0.
  leakyRelu: (run, dy, y, alpha) => run.op('LeakyReluGrad', [dy, y], [run.float('alpha', alpha)]),
  selu: ofInput('SeluGrad'),
};

/** Activations by TensorFlow's ops, and their gradients by its gradients; what it has none for is composed of tfjs's. */
export const tensorflow = composed<ActivationGeometry>(
  {
    forward: ({ x }, { kind, alpha }, run) => listed(forward[kind]?.(run, x!, alpha)),
    dx: ({ dy, y }, { kind, alpha }, run) => (y ? listed(backward[kind]?.(run, dy!, y, alpha)) : undefined),
  },
  portable,
);

function listed(value: Value | undefined): Value[] | undefined {
  return value && [value];
}
