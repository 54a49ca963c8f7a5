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
  private readonly values: number;

  /** @param size of every picture that comes out; one of another size is an error */
  constructor(
    transforms: readonly Transform[],
    normalization: Normalization,
    private readonly size: PictureSize,
  ) {
    this.changes = transforms.length > 0 ? new Compose({ transforms }) : undefined;
    this.normalize = normalizer(normalization);
    this.values = size.height * size.width * size.channels;
  }

  /**
   * @param seed  of all that is random about the picture
   * @param out   a batch's pictures
   * @param index the picture's among them
   * @param name  what errors call the picture
   * @throws DataError where a transform does not take the picture, or it has another size than expected in the end
   */
  prepare(picture: Picture, seed: number, out: Float32Array, index: number, name: () => string): void {
    const changed = this.changed(picture, seed, name);
    const { height, width, channels } = this.size;
    if (changed.height !== height || changed.width !== width || changed.channels !== channels) {
      const expected = `${sizeText(this.size)} after all transforms`;
      throw new DataError(name(), expected, sizeText(changed), 'begin or end with a transform that makes all pictures alike');
    }
    this.normalize(changed.pixels, out, index * this.values);
  }

  private changed(picture: Picture, seed: number, name: () => string): Picture {
    if (!this.changes) return picture;
    try {
      return this.changes.draw(seededRandom(seed), picture).onPicture(picture);
    } catch (error) {
      throw new DataError(name(), `a picture that all transforms take (it has ${sizeText(picture)})`, String(error));
    }
  }
}

function sizeText({ height, width, channels }: PictureSize): string {
  return `${height} x ${width} x ${channels}`;
}
