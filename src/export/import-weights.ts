import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { WeightSource } from '../weights/formats/open-source.js';
import { readWeights } from '../weights/read-weights.js';
import { loadStateDict, type StateDict, type StateDictReport } from '../weights/state-dict.js';

/**
 * Gives a model the weights that its export was trained to: `trained.pt` of 'torch-ddp', `trained.npz` of 'keras'. They have the names
 * of the model's own state dict, so that nothing is guessed: what is missing, too much or of another shape is refused.
 *
 * @param source as `readWeights` takes it: a path (Node), an address, a `File`, bytes
 * @throws StateDictError with the report, DataError for a file that is damaged; the model is then as it was
 */
export async function importWeights(model: LayersModel, source: WeightSource): Promise<StateDictReport> {
  const { arrays, framework } = await readWeights(source);
  // Counters of batches are whole numbers, which no weight here is.
  const weights = Object.entries(arrays).filter(([name]) => !name.endsWith('.num_batches_tracked'));
  const names = weights.map(([name]) => name);
  const byPath = names.some((name) => name.includes('/'));
  return loadStateDict(model, Object.fromEntries(weights) as StateDict, { framework: framework ?? (byPath ? 'keras' : 'torch') });
}
