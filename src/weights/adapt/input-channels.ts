import { sizeOf } from '../../layers/cnn-layer.js';
import type { WeightArray } from '../state-dict.js';

/**
 * A first convolution for pictures of another number of channels, as timm adapts them: of a grey picture all channels are the same, so
 * that its kernels are summed; for more channels they are repeated, in turn, and scaled so that their sum stays what it was. RGB from grey
 * is then a third of the kernel for each colour.
 *
 * @param axis of the array that counts the channels
 */
export function withInputChannels({ shape, data }: WeightArray, axis: number, channels: number): WeightArray {
  const had = shape[axis]!;
  const inner = sizeOf(shape.slice(axis + 1));
  const outer = sizeOf(shape.slice(0, axis));
  const adapted = new Float32Array(outer * channels * inner);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      const kernel = (channel: number) => data[(o * had + channel) * inner + i]!;
      if (channels === 1) {
        let sum = 0;
        for (let channel = 0; channel < had; channel++) sum += kernel(channel);
        adapted[o * inner + i] = sum;
        continue;
      }
      for (let channel = 0; channel < channels; channel++) {
        adapted[(o * channels + channel) * inner + i] = (kernel(channel % had) * had) / channels;
      }
    }
  }
  return { shape: shape.map((size, at) => (at === axis ? channels : size)), data: adapted };
}
