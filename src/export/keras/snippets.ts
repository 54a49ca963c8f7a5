/** What the exported model brings along where Keras has no layer of its own; each is written only where it is used. */
export const SNIPPETS = {
  UnbiasedBatchNormalization: `@keras.saving.register_keras_serializable('tfjs-cnn')
class UnbiasedBatchNormalization(layers.BatchNormalization):
    """Batch normalisation whose moving variance follows n / (n - 1) times the batch's own, as PyTorch's does."""

    def call(self, inputs, training=None, mask=None):
        if not (training and self.trainable):
            return super().call(inputs, training=training, mask=mask)
        before = ops.copy(self.moving_variance.value)
        outputs = super().call(inputs, training=training, mask=mask)
        count = 1
        for axis in self._reduction_axes:
            count = count * ops.shape(inputs)[axis]
        kept = before * self.momentum
        factor = ops.cast(count, before.dtype) / ops.cast(ops.maximum(count - 1, 1), before.dtype)
        self.moving_variance.assign(kept + (self.moving_variance.value - kept) * factor)
        return outputs
`,
  LocalResponseNormalization: `@keras.saving.register_keras_serializable('tfjs-cnn')
class LocalResponseNormalization(layers.Layer):
    """x / (k + alpha * sum of squares over channels c - below to c + above) ** beta."""

    def __init__(self, below, above, alpha, beta, k, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(below=below, above=above, alpha=alpha, beta=beta, k=k)

    def call(self, x):
        below, above, alpha, beta, k = self.options.values()
        channels = x.shape[-1]
        squares = ops.pad(ops.square(x), [(0, 0), (0, 0), (0, 0), (below, above)])
        sums = sum(squares[..., i : i + channels] for i in range(below + above + 1))
        return x / ops.power(k + alpha * sums, beta)

    def get_config(self):
        return {**super().get_config(), **self.options}
`,
  GroupedConv2DTranspose: `@keras.saving.register_keras_serializable('tfjs-cnn')
class GroupedConv2DTranspose(layers.Layer):
    """Transposed convolution of any padding, dilation and groups; kernel [height, width, out / groups, in].

    before, after: what is cut off the whole result's sides, [height, width]; less than 0: zeros that the bias is added to.
    """

    def __init__(self, filters, kernel_size, strides, before, after, dilation_rate=(1, 1), groups=1, use_bias=True, **kwargs):
        super().__init__(**kwargs)
        window = dict(kernel_size=kernel_size, strides=strides, before=before, after=after, dilation_rate=dilation_rate)
        self.options = dict(window, filters=filters, groups=groups, use_bias=use_bias)

    def build(self, shape):
        filters, size = self.options['filters'], self.options['kernel_size']
        self.kernel = self.add_weight(name='kernel', shape=(*size, filters // self.options['groups'], shape[-1]))
        self.bias = self.add_weight(name='bias', shape=(filters,), initializer='zeros') if self.options['use_bias'] else None

    def call(self, x):
        size, strides, dilation = (self.options[name] for name in ('kernel_size', 'strides', 'dilation_rate'))
        groups, before, after = self.options['groups'], self.options['before'], self.options['after']
        batch, height, width, channels = ops.shape(x)[0], *x.shape[1:]
        # Zeros between the pixels and around them, then the convolution with the filter turned round.
        spread = ops.reshape(x, (batch, height, 1, width, 1, channels))
        spread = ops.pad(spread, [(0, 0), (0, 0), (0, strides[0] - 1), (0, 0), (0, strides[1] - 1), (0, 0)])
        spread = ops.reshape(spread, (batch, height * strides[0], width * strides[1], channels))
        pads = []
        for axis in (0, 1):
            span = dilation[axis] * (size[axis] - 1)
            # The zeros behind the last pixel are part of the rest.
            pads.append((span - before[axis], span - after[axis] - (strides[axis] - 1)))
        spread = padded(spread, pads)
        turned = ops.flip(self.kernel, (0, 1))
        turned = ops.reshape(turned, (*size, turned.shape[2], groups, channels // groups))
        turned = ops.reshape(ops.transpose(turned, (0, 1, 4, 3, 2)), (*size, channels // groups, -1))
        y = ops.conv(spread, turned, strides=1, padding='valid', dilation_rate=dilation)
        return y if self.bias is None else y + self.bias

    def get_config(self):
        return {**super().get_config(), **self.options}


def padded(x, pads):
    """Zeros around the picture, or where a number is below 0 pixels taken away."""
    x = ops.pad(x, [(0, 0), *((max(0, a), max(0, b)) for a, b in pads), (0, 0)])
    (top, bottom), (left, right) = ((max(0, -a), max(0, -b)) for a, b in pads)
    return x[:, top : x.shape[1] - bottom, left : x.shape[2] - right]
`,
  TableConv2D: `@keras.saving.register_keras_serializable('tfjs-cnn')
class TableConv2D(layers.Layer):
    """Convolution whose outputs see the input channels of a table; kernel [height, width, connections]."""

    def __init__(self, connections, kernel_size, strides=(1, 1), use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(connections=connections, kernel_size=kernel_size, strides=strides, use_bias=use_bias)

    def build(self, shape):
        connections, size = self.options['connections'], self.options['kernel_size']
        self.places = np.zeros((sum(map(len, connections)), shape[-1], len(connections)), 'float32')
        pairs = [(c, o) for o, inputs in enumerate(connections) for c in inputs]
        for i, (c, o) in enumerate(pairs):
            self.places[i, c, o] = 1
        self.kernel = self.add_weight(name='kernel', shape=(*size, len(pairs)))
        self.bias = None
        if self.options['use_bias']:
            self.bias = self.add_weight(name='bias', shape=(len(connections),), initializer='zeros')

    def call(self, x):
        y = ops.conv(x, ops.tensordot(self.kernel, self.places, 1), strides=self.options['strides'], padding='valid')
        return y if self.bias is None else y + self.bias

    def get_config(self):
        return {**super().get_config(), **self.options}
`,
  Subsampling2D: `@keras.saving.register_keras_serializable('tfjs-cnn')
class Subsampling2D(layers.Layer):
    """A coefficient and a bias for each channel: coefficient * sum of the window + bias."""

    def __init__(self, pool_size, **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pool_size

    def build(self, shape):
        self.coefficient = self.add_weight(name='coefficient', shape=shape[-1:], initializer='ones')
        self.bias = self.add_weight(name='bias', shape=shape[-1:], initializer='zeros')

    def call(self, x):
        count = self.pool_size[0] * self.pool_size[1]
        return ops.average_pool(x, self.pool_size, self.pool_size) * count * self.coefficient + self.bias

    def get_config(self):
        return {**super().get_config(), 'pool_size': self.pool_size}
`,
  ScaledTanh: `@keras.saving.register_keras_serializable('tfjs-cnn')
class ScaledTanh(layers.Layer):
    """LeNet-5's activation."""

    def call(self, x):
        return 1.7159 * ops.tanh(x * (2 / 3))
`,
  RbfOutput: `@keras.saving.register_keras_serializable('tfjs-cnn')
class RbfOutput(layers.Layer):
    """Minus the squared distances from codes."""

    def __init__(self, codes, **kwargs):
        super().__init__(**kwargs)
        self.codes = codes

    def call(self, x):
        codes = np.asarray(self.codes, 'float32')
        return ops.matmul(2 * x, codes.T) - (codes**2).sum(1) - ops.sum(ops.square(x), -1, keepdims=True)

    def get_config(self):
        return {**super().get_config(), 'codes': self.codes}
`,
  L2Pooling2D: `@keras.saving.register_keras_serializable('tfjs-cnn')
class L2Pooling2D(layers.Layer):
    """Roots of the sums of squares; the gradient of 0 is 0. pads: rows and columns before and after."""

    def __init__(self, pool_size, strides, pads, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(pool_size=pool_size, strides=strides, pads=pads)

    def call(self, x):
        size, strides, pads = self.options.values()
        means = ops.average_pool(ops.pad(ops.square(x), [(0, 0), *pads, (0, 0)]), size, strides)
        sums = means * (size[0] * size[1])
        return ops.where(sums > 0, ops.sqrt(ops.maximum(sums, 1e-37)), 0.0)

    def get_config(self):
        return {**super().get_config(), **self.options}
`,
  PaddedAveragePooling2D: `@keras.saving.register_keras_serializable('tfjs-cnn')
class PaddedAveragePooling2D(layers.Layer):
    """Means of windows; pads and beyond (what windows of ceil mode reach over them): rows and columns before and after."""

    def __init__(self, pool_size, strides, pads, beyond, count_pads, **kwargs):
        super().__init__(**kwargs)
        self.options = dict(pool_size=pool_size, strides=strides, pads=pads, beyond=beyond, count_pads=count_pads)

    def call(self, x):
        size, strides, pads, beyond, count_pads = self.options.values()
        counted = np.pad(np.ones(x.shape[1:3], 'float32'), pads, constant_values=float(count_pads))
        counted = ops.average_pool(np.pad(counted, beyond)[None, :, :, None], size, strides)
        y = ops.pad(ops.pad(x, [(0, 0), *pads, (0, 0)]), [(0, 0), *beyond, (0, 0)])
        return ops.average_pool(y, size, strides) / counted

    def get_config(self):
        return {**super().get_config(), **self.options}
`,
  adaptive_pool: `def adaptive_pool(x, size, reduce):
    """Bins that cover the picture, as PyTorch cuts them."""
    for axis, count in ((1, size[0]), (2, size[1])):
        length = x.shape[axis]
        bounds = [(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]
        parts = [x[:, a:b] if axis == 1 else x[:, :, a:b] for a, b in bounds]
        x = ops.concatenate([reduce(part, axis=axis, keepdims=True) for part in parts], axis)
    return x
`,
  max_pool: `def max_pool(x, size, strides, dilation, out):
    """Largest values of windows with gaps; out: [height, width] of the result."""
    rows, columns = (strides[axis] * (out[axis] - 1) + 1 for axis in (0, 1))
    tops = [dilation[0] * i for i in range(size[0])]
    lefts = [dilation[1] * i for i in range(size[1])]
    parts = [x[:, a : a + rows : strides[0], b : b + columns : strides[1]] for a in tops for b in lefts]
    return ops.max(ops.stack(parts), 0)
`,
  upsample_corners: `def upsample_corners(x, scale):
    """Straight lines between pixels, the middles of the corners' pixels left where they are."""
    for axis, subscripts in ((1, 'oh,bhwc->bowc'), (2, 'ow,bhwc->bhoc')):
        length = x.shape[axis]
        places = np.linspace(0, length - 1, length * scale[axis - 1])
        weights = np.maximum(0, 1 - np.abs(places[:, None] - np.arange(length))).astype('float32')
        x = ops.einsum(subscripts, weights, x)
    return x
`,
} as const;

/** The name of one. */
export type Snippet = keyof typeof SNIPPETS;
