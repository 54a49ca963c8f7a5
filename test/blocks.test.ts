/** Blocks: one wiring for shapes, weights and running; computing twice gives the same bits. */
import * as tf from '@tensorflow/tfjs-core';
import { sequential } from '@tensorflow/tfjs-layers';
import { layers, softmaxCrossEntropy } from '../src/index.js';

beforeAll(() => tf.setBackend('wasm-cnn'));

type Model = ReturnType<typeof sequential>;

/** Loss, gradients of the input and of every trained weight, moving statistics after one step. */
function step(model: Model, seed: number): Float32Array[] {
  return tf.tidy(() => {
    const [, ...shape] = model.inputs[0]!.shape as number[];
    const x = tf.randomNormal([4, ...shape], 0, 1, 'float32', seed);
    const labels = tf.tensor1d([0, 1, 2, 3]);
    const weights = model.trainableWeights.map((weight) => weight.read());
    const { value, grads } = tf
      .engine()
      .gradients(
        () => softmaxCrossEntropy(model.apply(x, { training: true }) as tf.Tensor2D, labels) as tf.Tensor,
        [x, ...weights],
      );
    const moving = model.nonTrainableWeights.map((weight) => weight.read());
    return [value, ...grads, ...moving].map((tensor) => tensor.dataSync() as Float32Array);
  });
}

/** Blocks inside of a block, as dense and inception blocks have them. */
class Nest extends layers.Block {
  static className = 'TestNest';
  private readonly inner: readonly layers.Block[];

  constructor(options: layers.BlockOptions & { recomputeInside: boolean }) {
    super(options);
    const recompute = options.recomputeInside;
    this.inner = [
      this.part(layers.ResidualBlock, 'a', { filters: 6, strides: 2, dropout: 0.3, seed: 1, recompute }),
      this.part(layers.BottleneckBlock, 'b', { filters: 8, shortcut: 'zeroPadded', dropout: 0.2, seed: 2, recompute }),
    ];
  }

  override wire<T>([x]: T[], through: layers.Walk<T>): T {
    return this.inner.reduce<T>((y, block) => through(block, y), x!);
  }
}

type Recomputing = Pick<layers.BlockOptions, 'recompute'>;

const blocks: Record<string, (options: Recomputing) => layers.Block[]> = {
  'residual blocks': (options) => [
    layers.residualBlock({ filters: 4, dropout: 0.3, seed: 5, ...options }),
    layers.residualBlock({ filters: 6, strides: 2, ...options }),
    layers.residualBlock({ filters: 8, strides: 2, shortcut: 'zeroPadded', ...options }),
  ],
  'residual blocks with preActivation': (options) => [
    layers.residualBlock({ filters: 4, preActivation: true, dropout: 0.3, seed: 5, ...options }),
    layers.residualBlock({ filters: 6, strides: 2, preActivation: true, ...options }),
  ],
  'bottleneck blocks': (options) => [
    layers.bottleneckBlock({ filters: 8, shortcut: 'projection', useBias: true, strideIn: 'first', ...options }),
    layers.bottleneckBlock({ filters: 8, width: 4, groups: 2, dropout: 0.3, seed: 6, ...options }),
    layers.bottleneckBlock({ filters: 12, strides: 2, zeroInitResidual: true, ...options }),
  ],
  'bottleneck blocks with preActivation': (options) => [
    layers.bottleneckBlock({ filters: 8, shortcut: 'projection', preActivation: true, useBias: true, ...options }),
    layers.bottleneckBlock({
      filters: 8,
      strides: 2,
      shortcut: 'identity',
      preActivation: true,
      dropout: 0.3,
      seed: 6,
      ...options,
    }),
  ],
  'dense blocks and transitions': (options) => [
    layers.denseBlock({ layers: 3, growthRate: 3, dropout: 0.3, bottleneckDropout: 0.2, seed: 7, ...options }),
    layers.transitionBlock({ dropout: 0.3, seed: 8, ...options }),
    layers.denseBlock({ layers: 2, growthRate: 4, bottleneck: 0, ...options }),
  ],
  'blocks of MobileNets': (options) => [
    layers.invertedResidual({ filters: 4, expansion: 2, ...options }),
    layers.invertedResidual({ filters: 6, expansion: 3, strides: 2, padding: 'same', ...options }),
    layers.depthwiseSeparableBlock({ filters: 6, strides: 2, depthMultiplier: 2, ...options }),
  ],
  'a block of blocks, outside only': ({ recompute }) => [new Nest({ recompute, recomputeInside: false })],
  'a block of blocks, inside only': ({ recompute }) => [new Nest({ recomputeInside: recompute! })],
  'a block of blocks, both': ({ recompute }) => [new Nest({ recompute, recomputeInside: recompute! })],
};

function net(chain: readonly layers.Block[]): Model {
  return sequential({
    layers: [
      layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, padding: 1 }),
      ...chain,
      layers.globalAveragePooling2d(),
      layers.dense({ units: 5 }),
    ],
  });
}

describe.each(Object.entries(blocks))('recompute: %s', (_, chain) => {
  it('gives the same loss, gradients, statistics and masks to the bit, step after step', () => {
    const plain = net(chain({ recompute: false }));
    const twice = net(chain({ recompute: true }));
    // Values of their own: test mode takes the first write to a shared one for a leak.
    tf.tidy(() => twice.setWeights(plain.getWeights().map((weight) => tf.tensor(weight.dataSync(), weight.shape))));
    for (let seed = 1; seed <= 3; seed++) expect(step(twice, seed)).toEqual(step(plain, seed));
  });

  it('leaves nothing behind', () => {
    const model = net(chain({ recompute: true }));
    step(model, 1);
    const before = tf.memory();
    step(model, 2);
    const { numTensors, numDataBuffers } = tf.memory();
    expect({ numTensors, numDataBuffers }).toEqual({ numTensors: before.numTensors, numDataBuffers: before.numDataBuffers });
  });
});

/** A layer that multiplies by a number of its own each time, and notes how often it had to think of one. */
class Noise extends layers.CnnLayer {
  static className = 'TestNoise';
  static drawn = 0;

  constructor(options: layers.LayerOptions) {
    super(options);
  }

  override call(x: tf.Tensor | tf.Tensor[], kwargs: { recomputation?: layers.Recomputation }): tf.Tensor {
    const draw = () => ++Noise.drawn;
    return tf.mul([x].flat()[0]!, kwargs.recomputation ? kwargs.recomputation.draw(draw) : draw());
  }
}

it('recompute: a layer of your own draws once and is told to change nothing the second time', () => {
  class Noisy extends layers.Block {
    static className = 'TestNoisy';
    private readonly noise = [this.part(Noise, 'a', {}), this.part(Noise, 'b', {})];

    override wire<T>([x]: T[], through: layers.Walk<T>): T {
      return this.noise.reduce<T>((y, layer) => through(layer, y), x!);
    }
  }
  const block = new Noisy({ recompute: true });
  const { value, grad } = tf.tidy(() => {
    const x = tf.scalar(5);
    const { value, grads } = tf.engine().gradients(() => block.apply(x) as tf.Tensor, [x]);
    return { value: value.dataSync()[0], grad: grads[0]!.dataSync()[0] };
  });
  expect({ value, grad, drawn: Noise.drawn }).toEqual({ value: 10, grad: 2, drawn: 2 });
});

describe('residual blocks', () => {
  const applied = (block: layers.Block, shape = [8, 8, 4]) =>
    net([block]).apply(tf.zeros([1, ...shape.with(-1, 3)])) as tf.Tensor;
  const shapes = (block: layers.Block) => {
    const built = net([block]).layers[1]!;
    return Object.fromEntries(
      built.weights.map((weight) => [weight.originalName.split('/').slice(-2).join('/'), weight.shape.join()]),
    );
  };

  it('have the parts of torchvision', () => {
    const names = Object.keys(shapes(layers.bottleneckBlock({ name: 'layer1.0', filters: 8, strides: 2 })));
    expect(names.filter((name) => /kernel|gamma/.test(name))).toEqual([
      'layer1.0.conv1/kernel',
      'layer1.0.bn1/gamma',
      'layer1.0.conv2/kernel',
      'layer1.0.bn2/gamma',
      'layer1.0.conv3/kernel',
      'layer1.0.bn3/gamma',
      'layer1.0.downsample.0/kernel',
      'layer1.0.downsample.1/gamma',
    ]);
  });

  it('take names for them', () => {
    const block = layers.residualBlock({ filters: 4, names: { conv1: 'a/b', bn2: 'c' } });
    expect(block.parts.map((part) => part.name)).toEqual([
      'a/b',
      `${block.name}.bn1`,
      `${block.name}.conv2`,
      'c',
      `${block.name}.relu`,
    ]);
  });

  it('have width and groups', () => {
    expect(shapes(layers.bottleneckBlock({ name: 'b', filters: 8, shortcut: 'projection', width: 6, groups: 3 }))).toMatchObject({
      'b.conv1/kernel': '1,1,4,6',
      'b.conv2/kernel': '3,3,2,6',
      'b.conv3/kernel': '1,1,6,8',
      'b.downsample.0/kernel': '1,1,4,8',
    });
  });

  it('have biases everywhere, but with preActivation only where no normalisation follows', () => {
    const biased = (preActivation: boolean) =>
      Object.keys(shapes(layers.bottleneckBlock({ name: 'b', filters: 8, shortcut: 'projection', useBias: true, preActivation })))
        .filter((name) => name.endsWith('/bias'))
        .map((name) => name.slice(2, -5));
    expect(biased(false)).toEqual(['conv1', 'conv2', 'conv3', 'downsample.0']);
    expect(biased(true)).toEqual(['conv3', 'downsample.0']);
  });

  it('begin as their shortcut with zeroInitResidual', () => {
    const block = layers.bottleneckBlock({ inputShape: [4, 4, 8], filters: 8, zeroInitResidual: true });
    const x = tf.randomUniform([2, 4, 4, 8]);
    const y = sequential({ layers: [block] }).apply(x, { training: true }) as tf.Tensor;
    expect(y.dataSync()).toEqual(x.dataSync());
  });

  it('keep one pixel of each window with an identity that has strides', () => {
    const block = layers.residualBlock({
      inputShape: [5, 5, 2],
      filters: 2,
      strides: 2,
      shortcut: 'identity',
      zeroInitResidual: true,
    });
    const x = tf.randomUniform([1, 5, 5, 2]);
    const y = sequential({ layers: [block] }).apply(x) as tf.Tensor;
    expect(y.dataSync()).toEqual(tf.stridedSlice(x, [0, 0, 0, 0], [1, 5, 5, 2], [1, 2, 2, 1]).dataSync());
  });

  it('put the stride where it is asked for', () => {
    // Of a delta in an odd pixel nothing is left behind a 1x1 convolution of stride 2.
    const answer = (strideIn: 'first' | 'second') => {
      const options = { filters: 4, width: 4, strides: 2, strideIn, kernelInitializer: 'ones' } as const;
      const x = tf.buffer([1, 4, 4, 1]);
      x.set(1, 0, 1, 1, 0);
      return tf
        .sum(
          sequential({ layers: [layers.bottleneckBlock({ ...options, inputShape: [4, 4, 1] })] }).apply(
            x.toTensor(),
          ) as tf.Tensor,
        )
        .dataSync()[0]!;
    };
    expect(answer('first')).toBe(0);
    expect(answer('second')).toBeGreaterThan(0);
  });

  it('draw numbers of their own for convolutions of one shape', () => {
    const start = () =>
      layers.residualBlock({ filters: 4, kernelInitializer: { className: 'CnnVarianceScaling', config: { seed: 3 } } });
    const kernels = [start(), start()].map((block) => {
      const { weights } = net([block]).layers[1]!;
      return weights.filter((weight) => weight.name.endsWith('kernel')).map((weight) => weight.read().dataSync());
    });
    expect(kernels[0]![0]).not.toEqual(kernels[0]![1]);
    expect(kernels[0]).toEqual(kernels[1]);
  });

  it('refuse what they cannot be', () => {
    const { residualBlock, bottleneckBlock } = layers;
    expect(() => residualBlock({ filters: 0 })).toThrow("CnnResidualBlock 'cnn_residual_block_");
    expect(() => residualBlock({ filters: 0 })).toThrow('filters must be a positive integer, got 0');
    expect(() => residualBlock({ filters: 4, strides: 1.5 })).toThrow('strides must be a positive integer, got 1.5');
    expect(() => residualBlock({ filters: 4, shortcut: 'A' as 'identity' })).toThrow(
      'shortcut must be one of identity, projection, zeroPadded, got A',
    );
    expect(() => residualBlock({ filters: 4, dropout: 1 })).toThrow('dropout must be a number in [0, 1), got 1');
    expect(() => residualBlock({ filters: 4, preActivation: true, zeroInitResidual: true })).toThrow(
      'zeroInitResidual must be false with preActivation',
    );
    expect(() => bottleneckBlock({ filters: 6 })).toThrow('width must be a positive integer, got 1.5');
    expect(() => bottleneckBlock({ filters: 8, groups: 4 })).toThrow('groups must be a divisor of the 2 filters, got 4');
    expect(() => bottleneckBlock({ filters: 8, strideIn: 'third' as 'first' })).toThrow(
      "strideIn must be 'first' or 'second', got third",
    );
    expect(() => applied(residualBlock({ filters: 8 }))).toThrow(
      "shortcut must be 'projection' or 'zeroPadded' where an input [?, 8, 8, 4] becomes 8 channels, got identity",
    );
    expect(() => applied(residualBlock({ filters: 2, shortcut: 'zeroPadded' }))).toThrow(
      'filters must be at least the 4 channels of the input, got 2',
    );
  });

  it('share their base with blocks of your own', () => {
    class WideBlock extends layers.Residual {
      static className = 'TestWideBlock';

      constructor(options: layers.ResidualOptions) {
        super(options);
        const { filters, strides } = this;
        this.assemble([{ filters, kernelSize: 5, padding: 2, strides }]);
      }
    }
    const block = new WideBlock({ name: 'w', filters: 4 });
    expect(shapes(block)).toMatchObject({ 'w.conv1/kernel': '5,5,4,4' });
    const shortcut: layers.Shortcut = 'zeroPadded';
    expect(applied(new WideBlock({ filters: 8, shortcut, strides: 2 })).shape).toEqual([1, 5]);
  });
});
