import { ArgumentError } from '../../geometry.js';
import type { WeightSource } from '../formats/open-source.js';
import { openSource } from '../formats/open-source.js';
import { expectChecksum } from './download.js';
import { sha256 } from './page-cache.js';

/**
 * Of a file or bytes that are at hand already.
 * @throws DataError where they have another checksum, ArgumentError where there is no way to compute one
 */
export async function expectLocalChecksum(where: string, given: WeightSource, expected: string): Promise<void> {
  const { source, close } = await openSource(where, given);
  try {
    const found = await sha256(await source.bytes(0, source.size));
    if (found === undefined) throw new ArgumentError(`${where}: sha256 cannot be computed on this page: it is not secure`);
    expectChecksum(source.name, found, expected);
  } finally {
    await close();
  }
}
