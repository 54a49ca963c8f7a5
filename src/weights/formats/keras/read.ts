import { DataError } from '../../../data/dataset.js';
import { openHdf5 } from '../hdf5/open.js';
import { readJson } from '../read-json.js';
import type { WeightReader } from '../weight-file.js';
import { ZipArchive } from '../zip/zip-archive.js';
import { hasVariables, readVariables } from './variables.js';

const VARIABLES = 'model.weights.h5';
const CONFIG = 'config.json';
const METADATA = 'metadata.json';

/** Keras 3's `model.save('x.keras')`: a zip archive of the config and the variables. */
export const kerasReader: WeightReader = {
  format: 'keras',
  async matches(head, source) {
    if (head[0] !== 0x50 || head[1] !== 0x4b) return false;
    const archive = await ZipArchive.open(source);
    return archive.has(CONFIG) && archive.has(METADATA);
  },
  async read(source) {
    const archive = await ZipArchive.open(source);
    const json = async (entry: string) => readJson(await archive.read(entry), `${source.name}, ${entry}`);
    if (!archive.has(VARIABLES)) {
      throw new DataError(
        source.name,
        `an entry '${VARIABLES}'`,
        'none',
        'save the model with Keras 3, or its weights as .weights.h5',
      );
    }
    const [config, said] = [await json(CONFIG), await json(METADATA)];
    const name = `${source.name}, ${VARIABLES}`;
    const root = openHdf5(name, await archive.read(VARIABLES));
    if (!hasVariables(root)) throw new DataError(name, "Keras's variables", 'none', 'the file is damaged');
    const arrays = await readVariables(name, root, config);
    return { format: 'keras', framework: 'keras', arrays, metadata: { config, kerasVersion: said['keras_version'] ?? null } };
  },
};
