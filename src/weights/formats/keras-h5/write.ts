import { ArgumentError } from '../../../geometry.js';
import { NewGroup, writeHdf5 } from '../hdf5/write.js';
import type { WeightsToWrite, WeightWriter } from '../weight-file.js';

/** HDF5 keeps a list of names in an object's header, where no message has more than 64 KB; Keras cuts them at this. */
const LONGEST_LIST = 64512;
/** What the layout of the files is named after: kernels as TensorFlow has them. */
const VERSION = '2.15.0';
const BACKEND = 'tensorflow';

/**
 * Weights as Keras 2's `save_weights('x.h5')` keeps them, which Keras 3's `load_weights` reads, too. An array's name is its layer's
 * and then its role, as `conv1/kernel`; `metadata.layers` says which names with a '/' are layers'. Keras takes layers in the order of
 * the arrays, which in a net with branches need not be its own: `load_weights(path, by_name=True)` goes by their names.
 */
export const kerasH5Writer: WeightWriter = {
  format: 'keras-h5',
  write: ({ arrays, framework, metadata }) => {
    checkFramework(framework);
    const root = new NewGroup();
    const layers = layersOf(Object.keys(arrays), metadata['layers']);
    setList(
      root,
      'layer_names',
      [...layers.keys()].filter((layer) => layer !== ''),
    );
    root.attributes.set('backend', BACKEND);
    root.attributes.set('keras_version', VERSION);
    for (const [layer, names] of layers) {
      const group = root.group(layer === '' ? 'top_level_model_weights' : layer);
      setList(
        group,
        'weight_names',
        names.map((name) => `${name}:0`),
      );
      for (const name of names) group.put(`${name}:0`, arrays[name]!);
    }
    return [{ pieces: writeHdf5(root) }];
  },
};

/** @throws ArgumentError where arrays are in PyTorch's layout: Keras would take them without a word where sizes agree */
export function checkFramework(framework: WeightsToWrite['framework']): void {
  if (framework === 'torch') {
    throw new ArgumentError(
      "Keras's files must be given arrays in Keras's layout, got PyTorch's; take stateDict(model, { framework: 'keras' })",
    );
  }
}

/** Names of arrays by their layer, in order; '' has those that are of no layer. */
function layersOf(names: readonly string[], known: unknown): Map<string, string[]> {
  const listed = new Set(Array.isArray(known) ? known.filter((layer) => typeof layer === 'string') : []);
  const layers = new Map<string, string[]>();
  for (const name of names) {
    const parts = name.split('/');
    if (parts.some((part) => part === '' || part === '.')) {
      throw new ArgumentError(`'${name}': HDF5 must have names without empty parts, as conv1/kernel`);
    }
    const prefixes = parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'));
    const layer = prefixes.findLast((prefix) => listed.has(prefix)) ?? prefixes[0] ?? '';
    layers.set(layer, [...(layers.get(layer) ?? []), name]);
  }
  return layers;
}

/** An attribute of names; of several, numbered ones, where it is too long. */
function setList(group: NewGroup, attribute: string, names: readonly string[]): void {
  const length = Math.max(1, ...names.map((name) => new TextEncoder().encode(name).length));
  if (length > LONGEST_LIST) throw new ArgumentError(`a name must be shorter than ${LONGEST_LIST} bytes, got one of ${length}`);
  const most = Math.floor(LONGEST_LIST / length);
  if (names.length <= most) {
    group.attributes.set(attribute, names);
    return;
  }
  for (let i = 0; i * most < names.length; i++) group.attributes.set(`${attribute}${i}`, names.slice(i * most, (i + 1) * most));
}
