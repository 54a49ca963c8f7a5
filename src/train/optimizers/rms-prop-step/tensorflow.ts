import { composed } from '../../../backends/tensorflow/composition.js';
import { lerp, moved, penalized, times } from '../tensorflow-penalized.js';
import type { RmsPropGeometry } from './rms-prop-step.js';

/** Centered or not, with momentum or without: what there is of mean and velocity says which. */
export const tensorflow = composed<RmsPropGeometry>({
  forward(inputs, g, run) {
    const { value, square, mean, velocity } = inputs;
    const gradient = penalized(run, inputs, g);
    const s = lerp(run, square!, run.op('Square', [gradient]), g.share);
    const m = mean && lerp(run, mean, gradient, g.share);
    const spread = m ? run.op('Relu', [run.op('Sub', [s, run.op('Square', [m])])]) : s;
    const divisor = run.op('AddV2', [run.op('Sqrt', [spread]), run.number(g.epsilon)]);
    const scaled = run.op('RealDiv', [gradient, divisor]);
    const direction = velocity ? run.op('AddV2', [times(run, velocity, g.momentum), scaled]) : scaled;
    return [moved(run, value!, direction, g), s, ...(m ? [m] : []), ...(velocity ? [direction] : [])];
  },
});
