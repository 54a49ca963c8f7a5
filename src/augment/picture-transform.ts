import { onlyKnown } from '../checks.js';
import type { Operation, PictureSize, Random, Transform } from './transform.js';

/**
 * Base of the package's transforms: a name from the class, options that are checked once and kept as plain JSON.
 * Most keep the size of pictures; those that do not override `sizeAfter`.
 */
export abstract class PictureTransform<Options extends object> implements Transform {
  /**
   * @param options with all defaults filled in and checked: getConfig() gives them
   * @param given   the caller's, which may be fewer
   * @throws ArgumentError where an option was given that is none of these
   */
  constructor(
    protected readonly options: Readonly<Options>,
    given: object = options,
  ) {
    onlyKnown(this.className, given, Object.keys(options));
  }

  get className(): string {
    return (this.constructor as unknown as { readonly className: string }).className;
  }

  abstract draw(random: Random, size: PictureSize): Operation;

  sizeAfter(size: PictureSize): PictureSize {
    return size;
  }

  getConfig(): Record<string, unknown> {
    return { ...this.options } as Record<string, unknown>;
  }
}
