import { composed } from '../../../backends/tensorflow/composition.js';
import { lerp, moved, penalized, times } from '../tensorflow-penalized.js';
import type { AdamaxGeometry } from './adamax-step.js';

export const tensorflow = composed<AdamaxGeometry>({
  forward(inputs, g, run) {
    const { value, mean, largest } = inputs;
    const gradient = penalized(run, inputs, g);
    const m = lerp(run, mean!, gradient, g.share);
    const magnitude = run.op('AddV2', [run.op('Abs', [gradient]), run.number(g.epsilon)]);
    const u = run.op('Maximum', [times(run, largest!, g.beta2), magnitude]);
    return [moved(run, value!, run.op('RealDiv', [m, u]), g), m, u];
  },
});
