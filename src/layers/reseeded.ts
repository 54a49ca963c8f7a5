import type { serialization } from '@tensorflow/tfjs-core';
import { mixSeeds } from '../random.js';
import type { Initializer } from './serializable-options.js';

/** Some initializer's class: what its getConfig() gives, its constructor takes. */
type InitializerClass = new (config: serialization.ConfigDict) => Initializer;

/**
 * The initializer for one of several weights. With a seed it would begin weights of one shape alike, and what begins alike learns
 * alike: number `index` of them gets a seed of its own. Without a seed every weight is drawn anew, and it is left as it is.
 */
export function reseeded(initializer: Initializer, index: number): Initializer {
  const config = initializer.getConfig();
  if (typeof config['seed'] !== 'number') return initializer;
  return new (initializer.constructor as InitializerClass)({ ...config, seed: mixSeeds(config['seed'], index) });
}
