import type { Operation, PictureSize, Random, Transform } from './transform.js';

/**
 * Base of the package's transforms: a name from the class, options that are checked once and kept as plain JSON.
 * Most keep the size of pictures; those that do not override `sizeAfter`.
 */
export abstract class PictureTransform<Options extends object> implements Transform {
  /** @param options with all defaults filled in and checked: getConfig() gives them */
  constructor(protected readonly options: Readonly<Options>) {}

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
