import { composed } from '../../../backends/tensorflow/composition.js';
import { moved, penalized } from '../tensorflow-penalized.js';
import type { AdagradGeometry } from './adagrad-step.js';

export const tensorflow = composed<AdagradGeometry>({
  forward(inputs, g, run) {
    const gradient = penalized(run, inputs, g);
    const s = run.op('AddV2', [inputs['sum']!, run.op('Square', [gradient])]);
    const divisor = run.op('AddV2', [run.op('Sqrt', [s]), run.number(g.epsilon)]);
    return [moved(run, inputs['value']!, run.op('RealDiv', [gradient, divisor]), g), s];
  },
});
