import { isRecord } from '../../../checks.js';
import { ArgumentError } from '../../../geometry.js';
import { NewGroup, writeHdf5 } from '../hdf5/write.js';
import { checkFramework } from '../keras-h5/write.js';
import type { WeightsToWrite, WeightWriter } from '../weight-file.js';
import { zipOf } from '../zip/write-zip.js';
import { layerPaths } from './layer-paths.js';
import { rolesOf, snakeCase } from './roles.js';

/** The oldest Keras that reads these files. */
const VERSION = '3.0.0';

/**
 * Keras 3's `save_weights('x.weights.h5')`. Where a variable stands in the file follows from the classes of the layers, so that
 * `metadata.config` must be the model's config: what `readWeights` gives of a .keras file.
 */
export const kerasWeightsWriter: WeightWriter = {
  format: 'keras-weights',
  write: (weights) => [{ pieces: variablesFile(weights, configOf(weights)) }],
};

/** Keras 3's `model.save('x.keras')`: config and weights; `metadata.config` is the model's config. */
export const kerasWriter: WeightWriter = {
  format: 'keras',
  write: (weights) => {
    const config = configOf(weights);
    const json = (value: unknown) => [new TextEncoder().encode(JSON.stringify(value))];
    const files = [
      { name: 'metadata.json', pieces: json({ keras_version: VERSION }) },
      { name: 'config.json', pieces: json(config) },
      { name: 'model.weights.h5', pieces: variablesFile(weights, config) },
    ];
    return [{ pieces: zipOf(files) }];
  },
};

function configOf({ framework, metadata }: WeightsToWrite): Readonly<Record<string, unknown>> {
  checkFramework(framework);
  const { config } = metadata;
  if (isRecord(config) && isRecord(config['config']) && Array.isArray(config['config']['layers'])) return config;
  throw new ArgumentError(
    "Keras 3's files must be given metadata.config, a functional or sequential model's config as .keras files have it; 'keras-h5' needs none",
  );
}

function variablesFile({ arrays }: WeightsToWrite, config: Readonly<Record<string, unknown>>): Uint8Array[] {
  const root = new NewGroup();
  const left = new Set(Object.keys(arrays));
  const names = new Map<string, string>();
  const paths = layerPaths(config);
  for (const [path, layer] of paths) {
    const outer = path.includes('/layers/') ? names.get(path.slice(0, path.lastIndexOf('/layers/'))) : undefined;
    const name = outer === undefined ? layer.name : `${outer}/${layer.name}`;
    names.set(path, name);
    const vars = root.group(`${path}/vars`);
    vars.attributes.set('name', layer.name);
    const own = [...left].filter((array) => array.startsWith(`${name}/`) && !array.slice(name.length + 1).includes('/'));
    for (const [i, role] of rolesOf(snakeCase(layer.className), own.length, layer.config).entries()) {
      const array = arrays[`${name}/${role}`];
      if (!array)
        throw new ArgumentError(`'${name}/${role}' must be among the arrays, got ${own.map((each) => `'${each}'`).join(', ')}`);
      vars.put(`${i}`, array);
      left.delete(`${name}/${role}`);
    }
  }
  const [extra] = left;
  if (extra !== undefined) throw new ArgumentError(`'${extra}' must belong to a layer of metadata.config, got none of that name`);
  return writeHdf5(root);
}
