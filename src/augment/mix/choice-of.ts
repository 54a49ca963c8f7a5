import { refuse } from '../../checks.js';
import { drawBelow } from '../draws.js';
import type { Random } from '../transform.js';
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
  const drawn = (random: Random): BatchTransform => transforms[drawBelow(random, transforms.length)]!;
  return {
    name: 'choiceOf',
    apply: (batch, classes, random) => drawn(random).apply(batch, classes, random),
    onTensors: (batch, random) => drawn(random).onTensors(batch, random),
    getConfig: () => ({ transforms: transforms.map(({ name, getConfig }) => ({ name, config: getConfig() })) }),
  };
}
