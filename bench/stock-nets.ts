/** The nets of bench/nets.ts made of tfjs's own layers, as whoever has nothing else would write them. */
import * as tfl from '@tensorflow/tfjs-layers';

type T = tfl.SymbolicTensor;
const { layers } = tfl;

/** A convolution without bias; PyTorch's padding where the stride makes 'same' another one. */
function conv(x: T, filters: number, kernelSize: number, strides = 1): T {
  const pad = (kernelSize - 1) >> 1;
  const explicit = strides > 1 && pad > 0;
  const pads: [number, number] = [pad, pad];
  const from = explicit ? (layers.zeroPadding2d({ padding: [pads, pads] }).apply(x) as T) : x;
  const padding = explicit ? 'valid' : 'same';
  const options = { filters, kernelSize, strides, padding, useBias: false, kernelInitializer: 'heNormal' } as const;
  return layers.conv2d(options).apply(from) as T;
}

const norm = (x: T): T => layers.batchNormalization({ momentum: 0.9, epsilon: 1e-5 }).apply(x) as T;
const relu = (x: T): T => layers.reLU().apply(x) as T;
const join = (parts: T[]): T => (parts.length > 1 ? (layers.concatenate().apply([...parts]) as T) : parts[0]!);
const pool = (x: T, poolSize = 3, strides = 2): T => layers.maxPooling2d({ poolSize, strides, padding: 'same' }).apply(x) as T;

function classifier(input: T, x: T, classes: number, dropout = 0): tfl.LayersModel {
  let y = layers.globalAveragePooling2d({}).apply(x) as T;
  if (dropout > 0) y = layers.dropout({ rate: dropout }).apply(y) as T;
  return tfl.model({ inputs: input, outputs: layers.dense({ units: classes }).apply(y) as T });
}

function residual(x: T, filters: number, strides: number): T {
  const branch = norm(conv(relu(norm(conv(x, filters, 3, strides))), filters, 3));
  const changes = strides > 1 || x.shape[3] !== filters;
  return relu(layers.add().apply([branch, changes ? norm(conv(x, filters, 1, strides)) : x]) as T);
}

function stages(x: T, blocks: number, width: number, count: number): T {
  for (let stage = 0; stage < count; stage++) {
    for (let i = 0; i < blocks; i++) x = residual(x, width * 2 ** stage, stage > 0 && i === 0 ? 2 : 1);
  }
  return x;
}

export function cifarResNet20(): tfl.LayersModel {
  const input = tfl.input({ shape: [32, 32, 3] });
  return classifier(input, stages(relu(norm(conv(input, 16, 3))), 3, 16, 3), 10);
}

const imageNetInput = (): T => tfl.input({ shape: [224, 224, 3] });
const stem = (input: T): T => pool(relu(norm(conv(input, 64, 7, 2))));

export function resNet18(): tfl.LayersModel {
  const input = imageNetInput();
  return classifier(input, stages(stem(input), 2, 64, 4), 1000);
}

export function denseNet121(): tfl.LayersModel {
  const input = imageNetInput();
  let x = stem(input);
  for (const [block, depth] of [6, 12, 24, 16].entries()) {
    const features = [x];
    for (let i = 0; i < depth; i++) {
      features.push(conv(relu(norm(conv(relu(norm(join(features))), 128, 1))), 32, 3));
    }
    x = join(features);
    if (block === 3) break;
    x = conv(relu(norm(x)), x.shape[3]! / 2, 1);
    x = layers.averagePooling2d({ poolSize: 2 }).apply(x) as T;
  }
  return classifier(input, relu(norm(x)), 1000);
}

/** Channels: 1x1, 3x3 reduce, 3x3, "5x5" (a 3x3, as torchvision has it) reduce, "5x5", pool; a number: a pool that halves. */
const MODULES = [
  [64, 96, 128, 16, 32, 32],
  [128, 128, 192, 32, 96, 64],
  3,
  [192, 96, 208, 16, 48, 64],
  [160, 112, 224, 24, 64, 64],
  [128, 128, 256, 24, 64, 64],
  [112, 144, 288, 32, 64, 64],
  [256, 160, 320, 32, 128, 128],
  2,
  [256, 160, 320, 32, 128, 128],
  [384, 192, 384, 48, 128, 128],
];

export function googLeNet(): tfl.LayersModel {
  const input = imageNetInput();
  const unit = (x: T, filters: number, size: number): T => relu(norm(conv(x, filters, size)));
  let x = pool(unit(unit(stem(input), 64, 1), 192, 3));
  for (const module of MODULES) {
    if (typeof module === 'number') {
      x = pool(x, module);
      continue;
    }
    const [a, b0, b, c0, c, d] = module as [number, number, number, number, number, number];
    x = join([unit(x, a, 1), unit(unit(x, b0, 1), b, 3), unit(unit(x, c0, 1), c, 3), unit(pool(x, 3, 1), d, 1)]);
  }
  return classifier(input, x, 1000, 0.2);
}
