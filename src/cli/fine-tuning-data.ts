/** The pictures that a trained net is tuned to. */
import type { DatasetSplit } from '../data/dataset.js';
import { detectFormat } from '../data/load-dataset-node.js';
import { memorySource } from '../data/loader/memory-source.js';
import type { PictureSource } from '../data/loader/picture-source.js';
import { openImageFolder } from '../data/read-image-folder-node.js';
import { ArgumentError } from '../geometry.js';
import { type DataOptions, readData } from './data-options.js';

/** Size and colours that a net takes. */
export interface WantedPictures {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
  /** Length that a picture's shorter side is scaled to before the middle is cut out. */
  readonly resize?: number | undefined;
}

/**
 * A folder of class folders is decoded by the loader's workers, while the net trains; other formats come into memory. Pictures of a folder
 * are scaled as the net wants them and their middle is cut out, as `predict` and `eval` do.
 *
 * @throws ArgumentError where data of another format have another size than the net takes
 */
export async function readFineTuningData(
  options: DataOptions & { data: string; seed: number },
  size: WantedPictures,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<DatasetSplit<PictureSource>> {
  const { data, format, seed, limit, failOnBroken } = options;
  const found = format === 'auto' && data !== 'synthetic' ? detectFormat(data) : format;
  if (found === 'folder') {
    const { height, width, channels, resize } = size;
    const undecodable = failOnBroken ? 'fail' : 'replace';
    const { train, test } = openImageFolder(data, { height, width, channels, resize, seed, undecodable });
    const first = (part: typeof train) => (limit ? part.select(spread(part.count, limit)) : part);
    return { train: first(train), test: first(test) };
  }
  const { train, test } = await readData(options, { size: size.height, channels: size.channels, seed }, say, signal);
  const has = [train.height, train.width, train.channels].join(' x ');
  const wants = [size.height, size.width, size.channels].join(' x ');
  if (has !== wants) {
    throw new ArgumentError(
      `the net takes pictures of ${wants}, the data have ${has}; --image-size and --channels build it for others`,
    );
  }
  return { train: memorySource(train), test: memorySource(test) };
}

/** Places evenly over all: pictures of a folder lie class by class. */
function spread(count: number, limit: number): Int32Array {
  const taken = Math.min(count, limit);
  return Int32Array.from({ length: taken }, (_, i) => Math.floor((i * count) / taken));
}
