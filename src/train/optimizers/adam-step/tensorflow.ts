import { composed } from '../../../backends/tensorflow/composition.js';
import { lerp, moved, penalized, times } from '../tensorflow-penalized.js';
import type { AdamGeometry } from './adam-step.js';

/** @param fromZero the step is taken from 0 instead of the value */
export function adamTensorflow(fromZero: boolean) {
  return composed<AdamGeometry>({
    forward(inputs, g, run) {
      const { value, mean, square, largest } = inputs;
      const gradient = penalized(run, inputs, g);
      const m = lerp(run, mean!, gradient, g.share);
      const s = lerp(run, square!, run.op('Square', [gradient]), g.squareShare);
      const highest = largest && run.op('Maximum', [s, largest]);
      const weighed = times(run, m, g.weight);
      const numerator = g.blend === 0 ? weighed : run.op('AddV2', [weighed, times(run, gradient, g.blend)]);
      const root = times(run, run.op('Sqrt', [highest ?? s]), g.rootScale);
      const direction = run.op('RealDiv', [numerator, run.op('AddV2', [root, run.number(g.epsilon)])]);
      return [moved(run, value!, direction, g, fromZero), m, s, ...(highest ? [highest] : [])];
    },
  });
}
