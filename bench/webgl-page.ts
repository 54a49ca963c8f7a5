/** The part of the bench that runs in a browser: our kernels of webgl against tfjs's own, on one context, in turn. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-webgl';
import { accelerate } from 'tfjs-cnn';
import { cifarResNet20 } from 'tfjs-cnn/zoo';
import type { Way } from './backends.js';
import { flops, type Part } from './kernels.js';
import { type Contestant, measure } from './measure.js';
import { ourStep, stockStep } from './steps.js';
import { cifarResNet20 as stockResNet20 } from './stock-nets.js';
import { type Row, row } from './table.js';

/** 3x3 with same padding: batch, side, channels; a residual net's three stages. */
const SHAPES = [
  [8, 32, 16],
  [8, 16, 32],
  [8, 8, 64],
] as const;
const BATCH = 8;

let undo: (() => void) | undefined;

const ours: Way = {
  name: 'webgl, accelerated',
  async use() {
    undo ??= await accelerate('webgl');
    await tf.setBackend('webgl');
  },
};

const stock: Way = {
  name: 'stock webgl',
  async use() {
    undo?.();
    undo = undefined;
    await tf.setBackend('webgl');
  },
};

/** Waits until the GPU has done all it was told: a pixel of the last result has to be there. */
function finish(): void {
  const { gl } = (tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu;
  gl.readPixels(0, 0, 1, 1, gl.RGBA, gl.FLOAT, new Float32Array(4));
}

function convolution(way: Way, part: Part, [batch, side, channels]: (typeof SHAPES)[number]): Contestant {
  let inputs: Record<string, tf.Tensor> | undefined;
  const [picture, filter] = [
    [batch, side, side, channels],
    [3, 3, channels, channels],
  ];
  const calls = {
    forward: { kernel: 'Conv2D', reads: ['x', 'filter'], attrs: {} },
    dx: { kernel: 'Conv2DBackpropInput', reads: ['dy', 'filter'], attrs: { inputShape: picture } },
    dfilter: { kernel: 'Conv2DBackpropFilter', reads: ['x', 'dy'], attrs: { filterShape: filter } },
  };
  const { kernel, reads, attrs } = calls[part];
  return {
    name: way.name,
    async before() {
      await way.use();
      inputs ??= Object.fromEntries(reads.map((name) => [name, tf.randomUniform(name === 'filter' ? filter : picture, -1, 1)]));
    },
    run() {
      const all = { strides: [1, 1], pad: 'same', dataFormat: 'NHWC', dilations: [1, 1], ...attrs };
      (tf.engine().runKernel(kernel, inputs as tf.NamedTensorMap, all as unknown as tf.NamedAttrMap) as tf.Tensor).dispose();
      finish();
    },
  };
}

/** Where the page runs. */
async function renderer(): Promise<string> {
  await stock.use();
  const { gl } = (tf.backend() as unknown as { gpgpu: { gl: WebGL2RenderingContext } }).gpgpu;
  return String(gl.getParameter(gl.getExtension('WEBGL_debug_renderer_info')!.UNMASKED_RENDERER_WEBGL));
}

async function rows(): Promise<Row[]> {
  tf.env().set('IS_TEST', false);
  const made: Row[] = [];
  for (const shape of SHAPES) {
    for (const part of ['forward', 'dx', 'dfilter'] as const) {
      const timings = await measure(
        [ours, stock].map((way) => convolution(way, part, shape)),
        { rounds: 7, warmUp: 2 },
      );
      made.push(row(`${part} 3x3, ${shape.join(' x ')}`, timings, flops(shape)));
    }
  }
  const task = { shape: [BATCH, 32, 32, 3], classes: 10 };
  const steps = await measure(
    [
      ourStep(ours, { ...task, build: () => cifarResNet20({ seed: 1 }) }, 1),
      stockStep(stock, { ...task, build: stockResNet20 }, 1),
    ],
    { rounds: 5, warmUp: 2 },
  );
  made.push(row(`CIFAR ResNet-20, batch ${BATCH}, one step`, steps));
  return made;
}

Object.assign(globalThis, { bench: { renderer, rows } });
