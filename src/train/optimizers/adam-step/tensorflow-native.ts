import { joinedUpdate } from '../tensorflow-joined.js';
import type { AdamGeometry } from './adam-step.js';

/** Adam and its kin of all weights by one native op; `slots` are mean, square and, by amsgrad, largest. */
export const joinedAdam = (slots: readonly string[]) =>
  joinedUpdate<AdamGeometry>('TfjsCnnAdamStep', slots, ({ share, squareShare, weight, blend, rootScale, epsilon }) => {
    return [share, squareShare, weight, blend, rootScale, epsilon];
  });
