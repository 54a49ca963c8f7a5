import { readFile } from 'node:fs/promises';
import { DataError } from '../dataset.js';
import { decodePicture } from '../decode-picture.js';
import { type Picture, resizeToCover } from '../resize.js';
import { type CacheMemory, PictureCache } from './picture-cache.js';
import type { BrokenPicture, PictureReader, PlacedPicture } from './picture-source.js';

/** What a thread has to know to read pictures from files. */
export interface FileOrigin {
  readonly paths: readonly string[];
  readonly labels: Int32Array;
  readonly channels: 1 | 3;
  /** Size that all pictures are scaled to; undefined: each keeps its own. */
  readonly size?: { readonly height: number; readonly width: number; readonly resize: number | undefined };
  readonly undecodable: 'fail' | 'replace';
  readonly cache: CacheMemory;
}

/**
 * Decodes pictures when they are asked for. A broken one is replaced by the next picture of its class that is not: that
 * follows from the files alone, so every thread and every later run finds the same.
 */
export class FileReader implements PictureReader {
  private readonly cache: PictureCache;
  private broken: BrokenPicture[] = [];
  /** Broken pictures are not read twice. */
  private readonly known = new Set<number>();

  constructor(private readonly origin: FileOrigin) {
    this.cache = new PictureCache(origin.cache, origin.channels);
  }

  async read(place: number): Promise<PlacedPicture> {
    const { labels, undecodable, paths } = this.origin;
    for (let step = 0; step < labels.length; step++) {
      const candidate = (place + step) % labels.length;
      if (labels[candidate] !== labels[place]) continue;
      if (this.known.has(candidate)) continue;
      try {
        return { picture: this.cache.get(candidate) ?? (await this.decode(candidate)), place: candidate };
      } catch (error) {
        if (!(error instanceof DataError) || undecodable === 'fail') throw error;
        this.known.add(candidate);
        this.broken.push({ place: candidate, message: error.message });
      }
    }
    throw new DataError(paths[place]!, 'a picture of its class that can be decoded', 'that all of them are broken');
  }

  name(place: number): string {
    return this.origin.paths[place]!;
  }

  takeBroken(): BrokenPicture[] {
    const { broken } = this;
    this.broken = [];
    return broken;
  }

  private async decode(place: number): Promise<Picture> {
    const { paths, channels, size } = this.origin;
    const path = paths[place]!;
    const decoded = await decodePicture(await bytesOf(path), path, channels);
    const picture = size ? resizeToCover(decoded, size.height, size.width, size.resize) : decoded;
    this.cache.put(place, picture);
    return picture;
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(path, 'a readable file', (error as Error).message);
  }
}
