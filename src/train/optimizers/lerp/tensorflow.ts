import { composed } from '../../../backends/tensorflow/composition.js';
import { lerp } from '../tensorflow-penalized.js';
import type { LerpGeometry } from './lerp.js';

/** At share 1 the value itself, whatever the mean was. */
export const tensorflow = composed<LerpGeometry>({
  forward: ({ mean, value }, { share }, run) => [share === 1 ? value! : lerp(run, mean!, value!, share)],
});
