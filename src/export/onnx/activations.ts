import type { OperationOf } from '../graph.js';
import type { GraphBuilder } from './graph-builder.js';

const SINGLE: Readonly<Record<string, string>> = {
  relu: 'Relu',
  sigmoid: 'Sigmoid',
  tanh: 'Tanh',
  selu: 'Selu',
  softplus: 'Softplus',
  hardSwish: 'HardSwish',
};

/** An activation; those that set 17 does not have are put together. */
export function emitActivation(
  g: GraphBuilder,
  name: string,
  x: string,
  { name: kind, alpha }: OperationOf<'activation'>,
): string {
  const number = (what: string, value: number) => g.floats(`${name}/${what}`, [], [value]);
  const single = SINGLE[kind];
  if (single) return g.node(name, single, [x]);
  switch (kind) {
    case 'relu6':
      return g.node(name, 'Clip', [x, number('min', 0), number('max', 6)]);
    case 'elu':
      return g.node(name, 'Elu', [x], { alpha: { float: alpha } });
    case 'leakyRelu':
      return g.node(name, 'LeakyRelu', [x], { alpha: { float: alpha } });
    case 'hardSigmoid':
      return g.node(name, 'HardSigmoid', [x], { alpha: { float: 1 / 6 }, beta: { float: 0.5 } });
    case 'silu':
      return g.node(name, 'Mul', [x, g.node(`${name}/gate`, 'Sigmoid', [x])]);
    case 'mish':
      return g.node(name, 'Mul', [x, g.node(`${name}/gate`, 'Tanh', [g.node(`${name}/softplus`, 'Softplus', [x])])]);
    case 'gelu': {
      const scaled = g.node(`${name}/scaled`, 'Mul', [x, number('root_half', Math.SQRT1_2)]);
      const doubled = g.node(`${name}/doubled`, 'Add', [g.node(`${name}/erf`, 'Erf', [scaled]), number('one', 1)]);
      return g.node(name, 'Mul', [x, g.node(`${name}/gate`, 'Mul', [doubled, number('half', 0.5)])]);
    }
    case 'geluTanh': {
      const square = g.node(`${name}/square`, 'Mul', [x, x]);
      const slope = g.node(`${name}/slope`, 'Mul', [square, number('cubic', 0.044715)]);
      const factor = g.node(`${name}/factor`, 'Add', [slope, number('one', 1)]);
      const inner = g.node(`${name}/inner`, 'Mul', [
        g.node(`${name}/product`, 'Mul', [x, factor]),
        number('scale', Math.sqrt(8 / Math.PI)),
      ]);
      return g.node(name, 'Mul', [x, g.node(`${name}/gate`, 'Sigmoid', [inner])]);
    }
    case 'scaledTanh': {
      const inner = g.node(`${name}/inner`, 'Mul', [x, number('slope', 2 / 3)]);
      return g.node(name, 'Mul', [g.node(`${name}/tanh`, 'Tanh', [inner]), number('height', 1.7159)]);
    }
    case 'softmax':
      return g.node(name, 'Softmax', [x], { axis: 1 });
    case 'logSoftmax':
      return g.node(name, 'LogSoftmax', [x], { axis: 1 });
    default:
      return g.node(name, 'Identity', [x]);
  }
}
