import { eye, matMul, reshape, type Tensor, type Tensor4D } from '@tensorflow/tfjs-core';
import { type SymbolicTensor, layers as tfLayers } from '@tensorflow/tfjs-layers';
import { AveragePooling2D } from '../layers/average-pooling2d.js';
import { allShapes, CnnLayer, type Config } from '../layers/cnn-layer.js';
import { Conv2D, type Conv2DOptions } from '../layers/conv2d.js';
import { MaxPooling2D } from '../layers/max-pooling2d.js';
import { adaptiveAvgPool } from '../ops/adaptive-pool/adaptive-avg-pool.js';
import { another, configOf, kindOf, refuse, sightOf, takeWeights } from './carried-layers.js';

type Layer = tfLayers.Layer;
/** [height, width]. */
type Size = readonly [number, number];

/** A place between two layers, in the original and in the net that is made of it. */
export interface Wire {
  /** [batch, height, width, channels], of which height and width are open. */
  readonly tensor: SymbolicTensor;
  /** The original's shape for one picture, [1, height, width, channels] or [1, size]. */
  readonly shape: readonly number[];
  /** Size that the tensor has for a picture of the original size: what a vector was made of. */
  readonly map: Size;
  /** An average pool that the original has had and the tensor has not. */
  readonly due?: { readonly layer: Layer; readonly bins: Size };
}

const isVector = ({ shape }: Wire): boolean => shape.length === 2;
const equal = (a: Size, b: Size): boolean => a[0] === b[0] && a[1] === b[1];

/** Rebuilds layers, one behind the other, for pictures of any size. */
export class Conversion {
  private readonly made = new Map<Layer, { layer: Layer; window: Size }>();

  /** What comes behind a layer of the original. */
  through(layer: Layer, inputs: readonly Wire[]): Wire[] {
    const given = inputs.map((wire) => [...wire.shape]);
    const outputs = allShapes(layer.computeOutputShape(given.length === 1 ? given[0]! : given)) as number[][];
    if (layer.getConfig()['dataFormat'] === 'channelsFirst') refuse(layer, "must have dataFormat 'channelsLast'");
    const [wire, shape] = [inputs[0]!, outputs[0]!];
    switch (kindOf(layer)) {
      case 'Flatten':
        return [{ ...wire, shape }];
      case 'Dense':
        return isVector(wire) ? [this.dense(layer, wire, shape)] : this.carried(layer, inputs, outputs);
      case 'GlobalAveragePooling2D':
        return [{ ...this.pool(AveragePooling2D, layer, wire, [1, 1]), shape }];
      case 'GlobalMaxPooling2D':
        return [{ ...this.pool(MaxPooling2D, layer, wire, [1, 1]), shape }];
      case 'AdaptiveAveragePooling2D':
        return [this.averaged(layer, wire, shape)];
      case 'AdaptiveMaxPooling2D':
        return [{ ...this.pool(MaxPooling2D, layer, wire, [shape[1]!, shape[2]!]), shape }];
      default:
        return this.carried(layer, inputs, outputs);
    }
  }

  /** An output of the net. */
  scores(end: Wire, layer: Layer): SymbolicTensor {
    const { tensor, map } = this.settled(end);
    if (isVector(end) && !equal(map, [1, 1]))
      refuse(layer, 'gives a flattened map: no dense layer follows that makes scores of it');
    return tensor;
  }

  /** Gives back the weights of what was made so far. */
  dispose(): void {
    for (const { layer } of this.made.values()) for (const weight of layer.weights) weight.dispose();
  }

  /** A layer that does the same at every place. */
  private carried(layer: Layer, inputs: readonly Wire[], outputs: readonly number[][]): Wire[] {
    const dropout = kindOf(layer) === 'Dropout';
    const wires = dropout ? inputs : inputs.map((wire) => this.settled(wire));
    const [{ map, due }] = wires as [Wire];
    const vector = wires.some(isVector);
    const sight = sightOf(layer);
    if (!sight) refuse(layer, 'is not known to do the same at every place of a picture');
    if (vector && !wires.every((wire) => isVector(wire) && equal(wire.map, map)))
      refuse(layer, 'joins vectors of different origin');
    if (vector && sight !== 'value' && !equal(map, [1, 1])) {
      refuse(layer, `tells the ${map.join(' x ')} places of a flattened map apart; after a dense layer it can be carried over`);
    }
    // The axis of a vector's features is that of the channels now.
    const change: Config = vector && 'axis' in layer.getConfig() ? { axis: -1 } : {};
    const tensors = this.apply(layer, [1, 1], wires, () => another(layer, change));
    return outputs.map((shape, i) => ({
      tensor: tensors[i]!,
      shape,
      map: vector || due ? map : ([shape[1]!, shape[2]!] as const),
      ...(due && { due }),
    }));
  }

  /** A dense layer as a convolution whose window is the map that its input was made of. */
  private dense(layer: Layer, wire: Wire, shape: readonly number[]): Wire {
    const { map, due } = wire;
    const { units, kernelConstraint: _, ...common } = configOf(layer);
    const options = { ...common, filters: units, kernelSize: [...map] } as unknown as Conv2DOptions & {
      kernelSize: [number, number];
    };
    const make = () => (layer instanceof CnnLayer ? new Conv2D(options) : tfLayers.conv2d(options as never));
    const kernelOf = due && ((kernel: Tensor) => pooledKernel(kernel, map, due.bins));
    const [tensor] = this.apply(layer, map, [wire], make, kernelOf);
    return { tensor: tensor!, shape, map: [1, 1] };
  }

  /** A pool whose bins at the original size are the given ones; where there is one only, at every place. */
  private pool(cls: typeof AveragePooling2D | typeof MaxPooling2D, layer: Layer, wire: Wire, bins: Size): Wire {
    const { due: _, ...from } = wire.due?.layer === layer ? wire : this.settled(wire);
    const { tensor, map } = from;
    if (equal(map, bins)) return from;
    const poolSize = bins.map((count, axis) => map[axis]! / count) as [number, number];
    if (!poolSize.every(Number.isInteger)) {
      refuse(layer, `makes ${bins.join(' x ')} unequal bins of ${map.join(' x ')} places, which no window at fixed strides does`);
    }
    const strides = poolSize.map((size, axis) => (bins[axis] === 1 ? 1 : size)) as [number, number];
    const [pooled] = this.apply(layer, map, [{ tensor }], () => new cls({ name: layer.name, poolSize, strides }));
    return { ...from, tensor: pooled!, map: bins };
  }

  /** Means over bins, put off: a dense layer behind them can have them in its kernel, whatever the bins. */
  private averaged(layer: Layer, wire: Wire, shape: readonly number[]): Wire {
    const bins: Size = [shape[1]!, shape[2]!];
    const from = this.settled(wire);
    if (equal(bins, from.map)) return { ...from, shape };
    if (equal(bins, [1, 1])) return { ...this.pool(AveragePooling2D, layer, from, bins), shape };
    return { ...from, shape, due: { layer, bins } };
  }

  /** The wire behind the pool that it still owes. */
  private settled(wire: Wire): Wire {
    const { due } = wire;
    return due ? { ...this.pool(AveragePooling2D, due.layer, wire, due.bins), shape: wire.shape } : wire;
  }

  /**
   * Wires through the layer that stands for one of the original; where that stood in several places, this one does.
   * @param window of the map, that the layer is made for; [1, 1] where it fits all
   */
  private apply(
    original: Layer,
    window: Size,
    wires: readonly Pick<Wire, 'tensor'>[],
    make: () => Layer,
    kernelOf?: (kernel: Tensor) => Tensor,
  ): SymbolicTensor[] {
    const tensors = wires.map(({ tensor }) => tensor);
    const through = (layer: Layer) => [layer.apply(tensors.length === 1 ? tensors[0]! : tensors)].flat() as SymbolicTensor[];
    const before = this.made.get(original);
    if (before) {
      if (!equal(before.window, window)) refuse(original, 'is shared by maps of different sizes');
      return through(before.layer);
    }
    const layer = make();
    // Its weights come right away.
    layer.setFastWeightInitDuringBuild(true);
    const outputs = through(layer);
    this.made.set(original, { layer, window });
    takeWeights(layer, original, kernelOf);
    return outputs;
  }
}

/** The kernel that does to a map what a dense layer's does to the map's averages over bins: both are linear. */
function pooledKernel(kernel: Tensor, [height, width]: Size, bins: Size): Tensor {
  const pixels = reshape(eye(height * width), [height * width, height, width, 1]) as Tensor4D;
  const averages = reshape(adaptiveAvgPool(pixels, { outputSize: [...bins] }), [height * width, bins[0] * bins[1]]);
  return matMul(averages, reshape(kernel, [bins[0] * bins[1], -1]));
}
