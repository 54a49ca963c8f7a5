import type { LayersModel } from '@tensorflow/tfjs-layers';
import { leavesOf } from '../../../layers/leaves.js';
import type { EventImage } from './event-schema.js';

/** Filters that are drawn at most; there is no more to see in others. */
const FILTERS = 256;
/** The shorter side of a filter's picture, at least. */
const SIDE = 24;

/**
 * Draws the filters of a net's first convolution side by side: grey, or in colours where pictures have them. One scale for all of
 * them, with 0 in the middle. What they look like tells whether a net has learned: AlexNet's paper, figure 3.
 *
 * @returns undefined where the first layer with weights is no convolution of 1 or 3 channels
 */
export async function firstFilters(model: LayersModel): Promise<EventImage | undefined> {
  const kernel = leavesOf(model)
    .find((layer) => layer.weights.length > 0)
    ?.weights[0]?.read();
  if (kernel?.rank !== 4) return undefined;
  const [rows, columns, channels, all] = kernel.shape as [number, number, number, number];
  if (channels !== 1 && channels !== 3) return undefined;
  const values = await kernel.data();
  const filters = Math.min(all, FILTERS);
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  const zoom = Math.max(1, Math.ceil(SIDE / Math.min(rows, columns)));
  const across = Math.ceil(Math.sqrt(filters));
  const down = Math.ceil(filters / across);
  const [cellHeight, cellWidth] = [rows * zoom + 2, columns * zoom + 2];
  const [height, width] = [down * cellHeight, across * cellWidth];
  const data = new Uint8Array(height * width * channels).fill(255);
  for (let filter = 0; filter < filters; filter++) {
    const top = Math.floor(filter / across) * cellHeight + 1;
    const left = (filter % across) * cellWidth + 1;
    for (let y = 0; y < rows * zoom; y++) {
      for (let x = 0; x < columns * zoom; x++) {
        const tap = Math.floor(y / zoom) * columns + Math.floor(x / zoom);
        for (let channel = 0; channel < channels; channel++) {
          const value = values[(tap * channels + channel) * all + filter]!;
          data[((top + y) * width + left + x) * channels + channel] = Math.round(127.5 * (1 + value / (largest || 1)));
        }
      }
    }
  }
  const { encode } = await import('fast-png');
  return { height, width, colorspace: channels, encodedImageString: encode({ width, height, data, channels }) };
}
