import type { BatchPlan } from './epoch-plan.js';
import type { PicturePreparation } from './picture-preparation.js';
import type { PictureReader } from './picture-source.js';

/** Reads and prepares the pictures of a batch, one after another: in the trainer's thread or in a worker's. */
export class BatchMaker {
  constructor(
    private readonly reader: PictureReader,
    private readonly preparation: PicturePreparation,
    /** Called with the place of every picture before it is touched: whoever looks on knows which one a thread died of. */
    private readonly begin: (place: number) => void = () => undefined,
  ) {}

  /**
   * @param images  is filled, normalised, [size, height, width, channels]
   * @param through bytes that came along with the batch
   * @returns       the places that the pictures are from: others than asked for where those were broken
   * @throws DataError naming the picture
   */
  async make({ places, seeds }: BatchPlan, images: Float32Array, through?: Uint8Array): Promise<Int32Array> {
    const { reader, preparation } = this;
    const shown = places.slice();
    for (let i = 0; i < places.length; i++) {
      this.begin(places[i]!);
      const found = reader.read(places[i]!, i, through);
      // Pictures in memory are there at once: no turn of the event loop for each of them.
      const { picture, place } = found instanceof Promise ? await found : found;
      shown[i] = place;
      preparation.prepare(picture, seeds[i]!, images, i, () => reader.name(place));
    }
    return shown;
  }
}
