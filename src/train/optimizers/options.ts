import { isRecord, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';

/** @throws ArgumentError where there is an option of another name: a misspelt one would be passed over */
export function onlyKnown(where: string, options: object, known: readonly string[]): void {
  if (!isRecord(options))
    throw new ArgumentError(`${where}: options must be an object with ${known.join(', ')}, got ${shown(options)}`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ArgumentError(`${where}: there is no option '${unknown}'; it has ${known.join(', ')}`);
}
