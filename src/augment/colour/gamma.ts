import { positiveNumber, refuse } from '../../checks.js';
import { applied, type Pixels } from '../pixels.js';
import type { Operation } from '../transform.js';
import { levelTable, toLevel } from './grey-levels.js';
import { TableOperation } from './level-operation.js';

function gammaOperation(gamma: number, gain: number): Operation {
  if (!(gamma >= 0 && gamma < Infinity)) refuse('adjustGamma', 'gamma', 'a finite number >= 0', gamma);
  positiveNumber('adjustGamma', 'gain', gain);
  return new TableOperation(levelTable((level) => toLevel(255.999 * Math.min(1, gain * (level / 255) ** gamma))));
}

/**
 * gain (x / 255)^gamma of 255. Source: torchvision's adjust_gamma of uint8, which takes the whole part of 255.999 times that.
 *
 * @param gamma >= 0: above 1 makes shadows darker, below 1 lighter
 * @param gain  above 0; default 1
 * @throws ArgumentError for other numbers
 */
export function adjustGamma<X extends Pixels>(x: X, gamma: number, gain = 1): X {
  return applied('adjustGamma', x, () => gammaOperation(gamma, gain));
}
