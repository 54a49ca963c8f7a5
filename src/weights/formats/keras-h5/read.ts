import { DataError } from '../../../data/dataset.js';
import { Hdf5Dataset } from '../hdf5/dataset.js';
import type { Hdf5Group } from '../hdf5/group.js';
import { isHdf5, openHdf5 } from '../hdf5/open.js';
import { hasVariables, readVariables } from '../keras/variables.js';
import { readJson } from '../read-json.js';
import type { StoredArray, WeightFile, WeightReader } from '../weight-file.js';
import { type LayerWeights, weightNames } from './names.js';
import { turnTheanoKernels } from './theano.js';

/**
 * HDF5 files of Keras: `model.save('x.h5')` and `model.save_weights('x.h5')` of Keras 1 and 2, and still of 3; what they hold tells
 * them from Keras 3's `save_weights('x.weights.h5')`.
 */
export const kerasH5Reader: WeightReader = {
  format: 'keras-h5',
  matches: isHdf5,
  async read(source) {
    const { name } = source;
    const root = openHdf5(name, await source.bytes(0, source.size));
    // A whole model keeps its weights beside its optimizer's.
    const group = root.group('model_weights') ?? root;
    const layers = namesIn(group, 'layer_names');
    if (layers) return readLayers(name, root, group, layers);
    if (hasVariables(root)) {
      return { format: 'keras-weights', framework: 'keras', arrays: await readVariables(name, root, undefined), metadata: {} };
    }
    throw new DataError(name, "layers as Keras's .h5 files have them", 'none', 'an .h5 file of another program is not read');
  },
};

async function readLayers(name: string, root: Hdf5Group, group: Hdf5Group, layers: readonly string[]): Promise<WeightFile> {
  const metadata = readMetadata(name, root, group);
  const weights = await Promise.all(layers.map((layer) => readLayer(name, group, layer)));
  const extra = group.group('top_level_model_weights');
  const own = extra ? namesIn(extra, 'weight_names') : undefined;
  if (extra && own) weights.push(await readWeights(name, extra, own, ''));
  const arrays = weightNames(name, weights, metadata);
  const kernels = turnTheanoKernels(arrays, metadata);
  return {
    format: 'keras-h5',
    framework: 'keras',
    arrays,
    metadata: { ...metadata, layers, ...(kernels && { kernels }) },
  };
}

/** What the file says beside its numbers. */
export interface KerasMetadata {
  /** Keras 1 did not write it. */
  readonly kerasVersion?: string;
  /** 'tensorflow', 'theano', ...; Keras 1 did not write it. */
  readonly backend?: string;
  /** Of a whole model: its topology. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Of a whole model that was compiled. */
  readonly trainingConfig?: Readonly<Record<string, unknown>>;
}

function readMetadata(name: string, root: Hdf5Group, group: Hdf5Group): KerasMetadata {
  const text = (attribute: string) => root.text(attribute) ?? group.text(attribute);
  const json = (attribute: string) => {
    const value = root.text(attribute);
    return value === undefined ? undefined : readJson(new TextEncoder().encode(value), `${name}: ${attribute}`);
  };
  const said = {
    kerasVersion: text('keras_version'),
    backend: text('backend'),
    config: json('model_config'),
    trainingConfig: json('training_config'),
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
}

async function readLayer(name: string, group: Hdf5Group, layer: string): Promise<LayerWeights> {
  const own = group.group(layer);
  const names = own && namesIn(own, 'weight_names');
  if (!names) throw new DataError(name, `a group '${layer}' with the attribute weight_names`, 'none', 'the file is damaged');
  return readWeights(name, own, names, layer);
}

async function readWeights(name: string, group: Hdf5Group, names: readonly string[], layer: string): Promise<LayerWeights> {
  const weights: (readonly [string, StoredArray])[] = [];
  for (const weight of names) {
    const member = group.get(weight);
    if (!(member instanceof Hdf5Dataset)) {
      throw new DataError(name, `an array '${weight}' in the group '${layer}'`, 'none', 'the file is damaged');
    }
    weights.push([weight, await member.read()]);
  }
  return { layer, weights };
}

/** An attribute of names: one that is too long for HDF5 is cut into several that are numbered. */
function namesIn(group: Hdf5Group, attribute: string): string[] | undefined {
  const whole = group.texts(attribute);
  if (whole) return whole;
  const first = group.texts(`${attribute}0`);
  if (!first) return undefined;
  const names = [...first];
  for (let i = 1; ; i++) {
    const more = group.texts(`${attribute}${i}`);
    if (!more) return names;
    names.push(...more);
  }
}
