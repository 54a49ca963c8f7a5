import { composed } from '../../../backends/tensorflow/composition.js';
import { moved, penalized, times } from '../tensorflow-penalized.js';
import type { SgdGeometry } from './sgd-step.js';

/** With momentum and without: what there is of a velocity says which. */
export const tensorflow = composed<SgdGeometry>({
  forward(inputs, g, run) {
    const { value, velocity, trust } = inputs;
    const gradient = penalized(run, inputs, g);
    const direction = trust ? run.op('Mul', [gradient, trust]) : gradient;
    if (!velocity) return [moved(run, value!, direction, g)];
    const v = run.op('AddV2', [times(run, velocity, g.momentum), times(run, direction, g.share)]);
    const taken = g.nesterov ? run.op('AddV2', [direction, times(run, v, g.momentum)]) : v;
    return [moved(run, value!, taken, g), v];
  },
});
