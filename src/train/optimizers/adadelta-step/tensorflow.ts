import { composed } from '../../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../../backends/tensorflow/runner.js';
import { lerp, moved, penalized } from '../tensorflow-penalized.js';
import type { AdadeltaGeometry } from './adadelta-step.js';

/** sqrt(x + epsilon) */
const root = (run: TensorflowRunner, x: Value, epsilon: number): Value =>
  run.op('Sqrt', [run.op('AddV2', [x, run.number(epsilon)])]);

export const tensorflow = composed<AdadeltaGeometry>({
  forward(inputs, g, run) {
    const { value, square, delta } = inputs;
    const gradient = penalized(run, inputs, g);
    const s = lerp(run, square!, run.op('Square', [gradient]), g.share);
    const ratio = run.op('RealDiv', [root(run, delta!, g.epsilon), root(run, s, g.epsilon)]);
    const direction = run.op('Mul', [ratio, gradient]);
    return [moved(run, value!, direction, g), s, lerp(run, delta!, run.op('Square', [direction]), g.share)];
  },
});
