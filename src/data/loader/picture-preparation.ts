import { Compose } from '../../augment/compose.js';
import type { PictureSize, Transform } from '../../augment/transform.js';
import { seededRandom } from '../../random.js';
import { DataError } from '../dataset.js';
import { type Normalization, type Normalizer, normalizer } from '../normalization.js';
import type { Picture } from '../resize.js';

/** What happens to one picture on its way into a batch: random changes, then normalisation. The same in every thread. */
export class PicturePreparation {
  private readonly changes: Transform | undefined;
  private readonly normalize: Normalizer;

  /** @param size of every picture that comes out; one of another size is an error */
  constructor(
    transforms: readonly Transform[],
    normalization: Normalization,
    private readonly size: PictureSize,
  ) {
    this.changes = transforms.length > 0 ? new Compose({ transforms }) : undefined;
    this.normalize = normalizer(normalization);
  }

  /**
   * @param seed of all that is random about the picture
   * @param name that errors call the picture by
   * @throws DataError where it has another size than expected when all is done; whatever a transform throws
   */
  prepare(picture: Picture, seed: number, out: Float32Array, offset: number, name: () => string): void {
    const changed = this.changes ? this.changes.draw(seededRandom(seed), picture).onPicture(picture) : picture;
    const { height, width, channels } = this.size;
    if (changed.height !== height || changed.width !== width || changed.channels !== channels) {
      throw new DataError(name(), `${height} x ${width} x ${channels} after all transforms`, sizeText(changed), RESIZE);
    }
    this.normalize(changed.pixels, out, offset);
  }
}

const RESIZE = 'give pictures of several sizes one size, or end with a transform that crops or resizes them';

function sizeText({ height, width, channels }: PictureSize): string {
  return `${height} x ${width} x ${channels}`;
}
