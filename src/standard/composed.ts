/**
 * What tfjs's wasm backend refuses and ours do not do in one kernel: channels first, biases that are no
 * row, PReLU, integer products. Each is put together of kernels that are there.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { Named } from '../kernels.js';
import type { Call } from './standard-kernel.js';
import type { WindowAttrs } from './window.js';

type Tensors = Named<tf.Tensor>;
type Composition = (inputs: Tensors, attrs: WindowAttrs) => tf.Tensor;

const NHWC = [0, 2, 3, 1];
const NCHW = [0, 3, 1, 2];

const isChannelsFirst = ({ dataFormat }: WindowAttrs): boolean => dataFormat === 'NCHW';

const run = (kernelName: string, inputs: Tensors, attrs: object): tf.Tensor =>
  tf.engine().runKernel(kernelName, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

/** The same attributes with channels last. */
function channelsLast(attrs: WindowAttrs): WindowAttrs {
  const { pad, inputShape } = attrs;
  return {
    ...attrs,
    dataFormat: 'NHWC',
    ...(Array.isArray(pad) ? { pad: [pad[0], pad[2], pad[3], pad[1]] as WindowAttrs['pad'] } : {}),
    ...(inputShape ? { inputShape: NHWC.map((axis) => inputShape[axis]!) } : {}),
  };
}

/** A convolution's part whose `pictures` have channels first, and its result too if it is a picture. */
function convolution(kernelName: string, pictures: readonly string[], givesPicture: boolean): Composition {
  return (inputs, attrs) => {
    if (!isChannelsFirst(attrs)) return run(kernelName, inputs, attrs);
    const turned: Tensors = { ...inputs };
    for (const name of pictures) turned[name] = tf.transpose(inputs[name]!, NHWC);
    const result = run(kernelName, turned, channelsLast(attrs));
    return givesPicture ? tf.transpose(result, NCHW) : result;
  };
}

const conv2d = convolution('Conv2D', ['x'], true);

/** act(y + bias), both broadcast as tfjs does; a row belongs to the channels, wherever they are. */
function finish(y: tf.Tensor, { bias, preluActivationWeights: slope }: Tensors, attrs: WindowAttrs): tf.Tensor {
  const alongChannels = (t: tf.Tensor) => (isChannelsFirst(attrs) && t.rank === 1 ? tf.reshape(t, [-1, 1, 1]) : t);
  const z = bias ? tf.add(y, alongChannels(bias)) : y;
  switch (attrs.activation ?? 'linear') {
    case 'linear':
      return z;
    case 'prelu':
      return tf.sub(tf.relu(z), tf.mul(alongChannels(slope!), tf.relu(tf.neg(z))));
    case 'leakyrelu':
      return tf.leakyRelu(z, attrs.leakyreluAlpha);
    default: {
      const functions: Record<string, (t: tf.Tensor) => tf.Tensor> = {
        relu: tf.relu,
        relu6: tf.relu6,
        elu: tf.elu,
        sigmoid: tf.sigmoid,
      };
      const activation = functions[attrs.activation!];
      if (!activation) throw new Error(`wasm: activation '${attrs.activation}' is not known to a fused kernel`);
      return activation(z);
    }
  }
}

/** Two inputs through a linear kernel, then bias and activation. */
function fused(linear: Composition, left: string, right: string): Composition {
  return (inputs, attrs) => {
    const y = linear({ [left]: inputs[left]!, [right]: inputs[right]! }, { ...attrs, activation: 'linear' });
    return finish(y, inputs, attrs);
  };
}

/** Integers as floats: exact as long as all sums stay below 2^24. */
function product({ a, b }: Tensors, attrs: WindowAttrs): tf.Tensor {
  const float = (t: tf.Tensor) => tf.cast(t, 'float32');
  const c = run('BatchMatMul', { a: float(a!), b: float(b!) }, attrs);
  return tf.cast(c, tf.upcastType(a!.dtype, b!.dtype));
}

const compositions: Record<string, { when(call: Call): boolean; compose: Composition }> = {
  Conv2D: { when: channelsFirstOf, compose: conv2d },
  Conv2DBackpropInput: { when: channelsFirstOf, compose: convolution('Conv2DBackpropInput', ['dy'], true) },
  Conv2DBackpropFilter: { when: channelsFirstOf, compose: convolution('Conv2DBackpropFilter', ['x', 'dy'], false) },
  FusedConv2D: { when: () => true, compose: fused(conv2d, 'x', 'filter') },
  FusedDepthwiseConv2D: {
    when: () => true,
    compose: fused((inputs, attrs) => run('DepthwiseConv2dNative', inputs, attrs), 'x', 'filter'),
  },
  _FusedMatMul: { when: () => true, compose: fused((inputs, attrs) => run('BatchMatMul', inputs, attrs), 'a', 'b') },
  BatchMatMul: { when: ({ inputs }) => inputs['a']!.dtype !== 'float32' || inputs['b']!.dtype !== 'float32', compose: product },
};

function channelsFirstOf({ attrs }: Call): boolean {
  return isChannelsFirst(attrs as unknown as WindowAttrs);
}

/** The call put together of simpler kernels of the current backend; undefined where that is no help. */
export function composed(kernelName: string, call: Call): tf.TensorInfo | undefined {
  const way = compositions[kernelName];
  if (!way?.when(call)) return undefined;
  return tf.tidy(() => way.compose(call.inputs as unknown as Tensors, call.attrs as unknown as WindowAttrs));
}
