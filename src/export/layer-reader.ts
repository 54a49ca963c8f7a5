/** What a layer says of itself in its configuration, read with the layer's name in every refusal. */
import type { layers as tfLayers } from '@tensorflow/tfjs-layers';
import { ArgumentError, type Padding, type Pads, windowGeometry } from '../geometry.js';
import { CnnLayer } from '../layers/cnn-layer.js';
import { type ActivationName, checkActivationName } from '../layers/layer-activation.js';
import type { Operation, OperationOf, Size, Window } from './graph.js';

/** A layer and the shapes of what it is given, for one picture. */
export class LayerReader {
  readonly kind: string;
  /** Whether it is tfjs-layers' own. */
  readonly stock: boolean;
  private readonly config: Readonly<Record<string, unknown>>;

  constructor(
    readonly layer: tfLayers.Layer,
    /** Without the batch. */
    readonly inputs: readonly (readonly number[])[],
    readonly output: readonly number[],
  ) {
    this.stock = !(layer instanceof CnnLayer);
    this.kind = layer.getClassName().replace(/^Cnn/, '');
    this.config = layer.getConfig();
    if (this.config['dataFormat'] === 'channelsFirst') this.refuse("must have dataFormat 'channelsLast'");
  }

  /** Shape of the only input. */
  get input(): readonly number[] {
    return this.inputs[0]!;
  }

  /** An option, as the layer's configuration has it. */
  option<T>(name: string): T {
    return this.config[name] as T;
  }

  /** @throws ArgumentError naming the layer */
  refuse(why: string): never {
    throw new ArgumentError(`export: ${this.layer.getClassName()} '${this.layer.name}' ${why}`);
  }

  /** The window of a convolution or a pool, its pads counted out. */
  window(size = this.option<Size>('kernelSize'), ceilMode = false): Window {
    const strides = this.option<Size>('strides') ?? size;
    const dilations = this.option<Size | undefined>('dilationRate') ?? [1, 1];
    const options = { strides, dilations, pads: this.option<Padding>('padding') ?? 'valid', ceilMode };
    const {
      padTop: top,
      padBottom: bottom,
      padLeft: left,
      padRight: right,
    } = windowGeometry('export', [1, ...this.input], size, 1, options);
    return { size, strides, dilations, pads: { top, bottom, left, right } };
  }

  /** What its activation does, none where it is linear. */
  activation(): OperationOf<'activation'>[] {
    const name = this.activationName(this.option<string | undefined>('activation') ?? 'linear');
    return name === 'linear' ? [] : [{ kind: 'activation', name, alpha: name === 'leakyRelu' ? 0.01 : 1 }];
  }

  /** An activation by the name that its layer gives it. */
  activationName(name: string): ActivationName {
    if (!this.stock) {
      checkActivationName(this.layer.name, name);
      return name;
    }
    const ours = STOCK_ACTIVATIONS[name];
    return ours ?? this.refuse(`has the activation '${name}', which is not exported`);
  }

  /** An operation and the layer's activation behind it. */
  activated(operation: Operation): Operation[] {
    return [operation, ...this.activation()];
  }
}

/** tfjs-layers' names of functions that are here under ours; its hardSigmoid is another one. */
const STOCK_ACTIVATIONS: Readonly<Record<string, ActivationName>> = {
  linear: 'linear',
  relu: 'relu',
  relu6: 'relu6',
  elu: 'elu',
  selu: 'selu',
  sigmoid: 'sigmoid',
  tanh: 'tanh',
  softplus: 'softplus',
  softmax: 'softmax',
  logSoftmax: 'logSoftmax',
  swish: 'silu',
  mish: 'mish',
  gelu: 'gelu',
  gelu_new: 'geluTanh',
};

/** Pads in whichever form a layer of padding has them. */
export function sidesOf(padding: Readonly<Pads> | readonly [Size, Size]): Pads {
  if (!Array.isArray(padding)) return { ...(padding as Pads) };
  const [[top, bottom], [left, right]] = padding as readonly [Size, Size];
  return { top, bottom, left, right };
}
