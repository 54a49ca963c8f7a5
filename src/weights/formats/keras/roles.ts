/** Which variable is which: Keras 3 numbers a layer's variables, and classes say what they are. */

const WINDOW = ['kernel', 'bias'];
const SEPARABLE = ['depthwise_kernel', 'pointwise_kernel', 'bias'];
const RECURRENT = ['kernel', 'recurrent_kernel', 'bias'];

/** In the order in which Keras 3 makes them; absent ones (`use_bias=False`) are at the end. */
const ROLES: Readonly<Record<string, readonly string[]>> = {
  conv1d: WINDOW,
  conv2d: WINDOW,
  conv3d: WINDOW,
  conv1d_transpose: WINDOW,
  conv2d_transpose: WINDOW,
  conv3d_transpose: WINDOW,
  depthwise_conv1d: WINDOW,
  depthwise_conv2d: WINDOW,
  separable_conv1d: SEPARABLE,
  separable_conv2d: SEPARABLE,
  dense: WINDOW,
  einsum_dense: WINDOW,
  embedding: ['embeddings'],
  p_re_lu: ['alpha'],
  normalization: ['mean', 'variance', 'count'],
  lstm_cell: RECURRENT,
  gru_cell: RECURRENT,
  simple_rnn_cell: RECURRENT,
  seed_generator: ['seed_generator_state'],
};

/** Layers that scale and shift: either may be left out. */
const SCALED: Readonly<Record<string, readonly string[]>> = {
  batch_normalization: ['moving_mean', 'moving_variance'],
  layer_normalization: [],
  group_normalization: [],
};

/**
 * Names of a layer's variables; numbers where the class is not known.
 * @param snake  the class as paths have it: conv2d
 * @param count  how many there are
 * @param config the layer's, if the file has it
 */
export function rolesOf(snake: string, count: number, config: Readonly<Record<string, unknown>> | undefined): string[] {
  const moving = ownOf(SCALED, snake);
  const roles = moving ? scaledRoles(moving, count, config) : (ownOf(ROLES, snake) ?? []);
  return Array.from({ length: count }, (_, i) => roles[i] ?? `${i}`);
}

/** Paths of files may be called like what every object has. */
function ownOf(table: Readonly<Record<string, readonly string[]>>, name: string): readonly string[] | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function scaledRoles(moving: readonly string[], count: number, config: Readonly<Record<string, unknown>> | undefined): string[] {
  if (config) {
    return [...(config['scale'] === false ? [] : ['gamma']), ...(config['center'] === false ? [] : ['beta']), ...moving];
  }
  const own = count - moving.length;
  if (own !== 1) return own === 2 ? ['gamma', 'beta', ...moving] : [...moving];
  // Without a config nothing tells which one it is; batch normalisation before relu needs no gamma, as in Keras's Inception v3.
  return moving.length > 0 ? ['beta', ...moving] : [];
}

/** A class's name as paths in files have it: BatchNormalization -> batch_normalization. */
export function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
