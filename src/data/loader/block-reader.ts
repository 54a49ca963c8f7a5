import type { PictureReader, PlacedPicture } from './picture-source.js';

/** What a worker has to know of pictures that come along with each batch. */
export interface BlockOrigin {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly sourceDescription: string;
}

/** Reads from the whole dataset by place or, without it, from what came along with the batch. */
export class BlockReader implements PictureReader {
  constructor(
    private readonly origin: BlockOrigin,
    private readonly images?: Uint8Array,
  ) {}

  read(place: number, index: number, through?: Uint8Array): PlacedPicture {
    const { height, width, channels } = this.origin;
    const bytes = height * width * channels;
    const pixels = this.images
      ? this.images.subarray(place * bytes, (place + 1) * bytes)
      : through!.subarray(index * bytes, (index + 1) * bytes);
    return { picture: { pixels, height, width, channels }, place };
  }

  name(place: number): string {
    return `picture ${place} of ${this.origin.sourceDescription}`;
  }

  takeBroken(): [] {
    return [];
  }
}
