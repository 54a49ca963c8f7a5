/** What a catalogue says of a net. */
import type { Variant } from './net-options.js';

/** What was done to the pictures that published weights were trained on: (order(x) * scale - mean) / deviation. */
export interface PicturePreprocessing {
  /** Of the channels. */
  readonly order: 'RGB' | 'BGR' | 'grey';
  /** Factor on the values 0 to 255. */
  readonly scale: number;
  /** Taken away then, channel by channel. */
  readonly mean: readonly number[];
  /** Divisor, channel by channel. */
  readonly deviation: readonly number[];
  /** Share of a picture's shorter side that is cut out of its middle: 224 of 256 pixels, say. */
  readonly crop: number;
}

/** A published accuracy. */
export interface PublishedAccuracy {
  /** Per cent of the test pictures whose first guess was right, one crop unless the source says otherwise. */
  readonly percent: number;
  /** Of which set. */
  readonly dataset: 'ImageNet' | 'CIFAR-10' | 'MNIST';
  /** Who says so. */
  readonly source: string;
}

/** One variant of a net, with default options. */
export interface VariantInfo {
  /** As the builder's option names it. */
  readonly variant: Variant | 'modern' | '1998';
  /** Default picture, where it is not the net's. */
  readonly inputShape?: readonly [number, number, number];
  /** Trained numbers. */
  readonly parameters: number;
  /** Multiply-accumulates for one picture. */
  readonly macs: number;
  /** Of the published weights. */
  readonly preprocessing: PicturePreprocessing;
  /** Where one was published. */
  readonly top1?: PublishedAccuracy;
}

/** A net of the zoo. */
export interface ModelInfo {
  /** Of its builder, and for getModel. */
  readonly name: string;
  /** Where it was published. */
  readonly paper: string;
  /** Default picture, [height, width, channels]. */
  readonly inputShape: readonly [number, number, number];
  /** Default number of classes. */
  readonly classes: number;
  /** The default first. */
  readonly variants: readonly [VariantInfo, ...VariantInfo[]];
}

/** Length in pixels that a picture's shorter side is scaled to, before height x width are cut out; undefined where they just fit in. */
export function resizeFor({ crop }: Pick<PicturePreprocessing, 'crop'>, height: number, width: number): number | undefined {
  return crop < 1 ? Math.round(Math.min(height, width) / crop) : undefined;
}

const IMAGENET = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/** Of 256 pixels the middle 224 (of 342 the middle 299), as nets of ImageNet have been tested since 2012. */
const MIDDLE = 224 / 256;

/** How pictures are prepared, by the names that Keras gave to three of them. */
export const preprocessings = {
  /** torchvision. */
  torch: { order: 'RGB', scale: 1 / 255, ...IMAGENET, crop: MIDDLE },
  /** The same on the whole of a small picture: CIFAR nets whose authors took ImageNet's numbers. */
  torchWhole: { order: 'RGB', scale: 1 / 255, ...IMAGENET, crop: 1 },
  /** Caffe's and Keras's for VGG and ResNet v1. */
  caffe: { order: 'BGR', scale: 1, mean: [103.939, 116.779, 123.68], deviation: [1, 1, 1], crop: MIDDLE },
  /** TensorFlow's: from -1 to 1; also torchvision's GoogLeNet and Inception v3, whose weights come from there (`transform_input`). */
  tf: { order: 'RGB', scale: 1 / 127.5, mean: [1, 1, 1], deviation: [1, 1, 1], crop: MIDDLE },
  /** From 0 to 1. */
  unit: { order: 'RGB', scale: 1 / 255, mean: [0, 0, 0], deviation: [1, 1, 1], crop: 1 },
  /** Bytes as they are. */
  raw: { order: 'RGB', scale: 1, mean: [0, 0, 0], deviation: [1, 1, 1], crop: 1 },
  /** The training pictures' mean taken away, as the nets of 2012 and 2013 had it; here ImageNet's per channel. */
  centred: { order: 'RGB', scale: 1, mean: IMAGENET.mean.map((part) => 255 * part), deviation: [1, 1, 1], crop: MIDDLE },
  /** CIFAR-10's own mean and deviation. */
  cifar: { order: 'RGB', scale: 1 / 255, mean: [0.4914, 0.4822, 0.4465], deviation: [0.247, 0.2435, 0.2616], crop: 1 },
  /** MNIST's own. */
  mnist: { order: 'grey', scale: 1 / 255, mean: [0.1307], deviation: [0.3081], crop: 1 },
} as const satisfies Record<string, PicturePreprocessing>;
