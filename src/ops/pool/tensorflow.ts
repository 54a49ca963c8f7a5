import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import type { TensorflowRunner } from '../../backends/tensorflow/runner.js';
import type { WindowGeometry } from '../../geometry.js';
import { alignment } from '../conv2d/tensorflow-window.js';

/** What TensorFlow's pools want to know. */
export function poolAttributes(run: TensorflowRunner, g: WindowGeometry): OpAttribute[] {
  return [
    run.int('ksize', [1, g.filterHeight, g.filterWidth, 1]),
    run.int('strides', [1, g.strideHeight, g.strideWidth, 1]),
    run.text('padding', alignment(g) ?? 'VALID'),
  ];
}
