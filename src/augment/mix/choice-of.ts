import { refuse } from '../../checks.js';
import { drawBelow } from '../draws.js';
import type { BatchTransform } from './batch-transform.js';

/**
 * One of several for every batch, all alike likely: mixup or cutMix, say. Draws one number, and what that one draws.
 *
 * @throws ArgumentError where there is none
 */
export function choiceOf(transforms: readonly BatchTransform[]): BatchTransform {
  if (!Array.isArray(transforms) || transforms.length === 0) {
    refuse('choiceOf', 'transforms', 'a list of at least one batch transform', transforms);
  }
  return {
    name: 'choiceOf',
    apply: (batch, classes, random) => transforms[drawBelow(random, transforms.length)]!.apply(batch, classes, random),
    getConfig: () => ({ transforms: transforms.map(({ name, getConfig }) => ({ name, config: getConfig() })) }),
  };
}
