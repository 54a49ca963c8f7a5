import { refuse } from '../../checks.js';

/** The option numMagnitudeBins, default 31. @throws ArgumentError where it is no integer from 2 on */
export function magnitudeBins(where: string, options: { readonly numMagnitudeBins?: number }): number {
  const { numMagnitudeBins = 31 } = options ?? {};
  return Number.isInteger(numMagnitudeBins) && numMagnitudeBins >= 2
    ? numMagnitudeBins
    : refuse(where, 'numMagnitudeBins', 'an integer from 2 on', numMagnitudeBins);
}
