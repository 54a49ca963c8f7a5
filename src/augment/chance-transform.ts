import { unchanged } from './operation.js';
import type { ChanceOptions } from './options.js';
import { PictureTransform } from './picture-transform.js';
import type { Operation, PictureSize, Random } from './transform.js';

/** What happens to a picture or does not. Draws one number, and where it happens, what the operation takes. */
export abstract class ChanceTransform<Options extends Required<ChanceOptions>> extends PictureTransform<Options> {
  /** The operation, or none. */
  draw(random: Random, size: PictureSize): Operation {
    return random() < this.options.p ? this.operationFor(size, random) : unchanged;
  }

  /** @internal */
  protected abstract operationFor(size: PictureSize, random: Random): Operation;
}
