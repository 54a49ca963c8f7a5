/** What a profile asks of a layer: ours answer themselves, for tfjs-layers' own there is a table. */
import type { layers } from '@tensorflow/tfjs-layers';
import { windowGeometry } from '../../geometry.js';
import { CnnLayer, sizeOf } from '../../layers/cnn-layer.js';
import { type LayerWindow, slidingWindow, wholePicture } from '../../layers/layer-window.js';

/** Shapes are those of one picture, and begin with a batch of 1. */
type Size = readonly number[];

/** The same as CnnLayer's methods of these names. */
type Traits = Pick<CnnLayer, 'macs' | 'windowOf'> & Partial<Pick<CnnLayer, 'sharesInput'>>;

/** What tfjs-layers keeps of the options that matter here. */
interface StockLayer {
  readonly kernelSize: [number, number];
  readonly poolSize: [number, number];
  readonly strides: [number, number];
  readonly padding: 'same' | 'valid' | [[number, number], [number, number]];
  readonly dilationRate: [number, number];
}

const none = (): number => 0;
const inPlace = (): undefined => undefined;
const pointwise: Traits = { macs: none, windowOf: inPlace };
const whole: Traits = { macs: none, windowOf: wholePicture };

function sliding(layer: StockLayer, window: [number, number]): Traits['windowOf'] {
  const { strides, padding: pads, dilationRate: dilations = [1, 1] } = layer;
  return (input) => slidingWindow(windowGeometry('profile', input, window, 1, { strides, pads: pads as 'same', dilations }));
}

function convolution(layer: StockLayer, macs: (taps: number, input: Size, output: Size) => number): Traits {
  const taps = sizeOf(layer.kernelSize);
  return { macs: (input, output) => macs(taps, input, output), windowOf: sliding(layer, layer.kernelSize) };
}

const pool = (layer: StockLayer): Traits => ({ macs: none, windowOf: sliding(layer, layer.poolSize) });

/** tfjs-layers' layers of pictures, by class. */
const stock: Readonly<Record<string, (layer: StockLayer) => Traits>> = {
  Conv2D: (layer) => convolution(layer, (taps, input, output) => sizeOf(output) * taps * input[3]!),
  DepthwiseConv2D: (layer) => convolution(layer, (taps, _, output) => sizeOf(output) * taps),
  Dense: () => ({ macs: (input, output) => input.at(-1)! * sizeOf(output), windowOf: inPlace }),
  MaxPooling2D: pool,
  AveragePooling2D: pool,
  GlobalAveragePooling2D: () => whole,
  GlobalMaxPooling2D: () => whole,
  Activation: () => pointwise,
  Add: () => pointwise,
  BatchNormalization: () => pointwise,
  Concatenate: () => pointwise,
  Dropout: () => pointwise,
  ReLU: () => pointwise,
  Softmax: () => pointwise,
  Flatten: () => ({ ...whole, sharesInput: true }),
  ZeroPadding2D: ({ padding }) => {
    const [[top], [left]] = padding as [[number, number], [number, number]];
    return { macs: none, windowOf: (): LayerWindow => ({ size: [1, 1], strides: [1, 1], before: [top, left] }) };
  },
};
/** The layer's answers; undefined where nobody knows them. */
export function traitsOf(layer: layers.Layer): Traits | undefined {
  if (layer instanceof CnnLayer) return layer;
  return stock[layer.getClassName()]?.(layer as unknown as StockLayer);
}
