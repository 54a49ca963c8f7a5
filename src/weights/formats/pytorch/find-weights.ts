/** Where in a checkpoint the weights are. */
import { DataError } from '../../../data/dataset.js';
import type { Opaque } from '../../../data/pickle/globals.js';
import { isOpaque, TorchTensor } from './torch-tensor.js';

/** A dictionary of tensors by name. */
export interface FoundWeights {
  /** Keys that lead to it: [] for the file's own dictionary. */
  readonly path: readonly string[];
  readonly tensors: ReadonlyMap<string, TorchTensor>;
  /** Names in it that are no tensors. */
  readonly others: readonly string[];
}

/** Whose tensors are no weights of the net. */
const PASSED_OVER = /optim|sched|scaler|momentum/i;
/** Under which weights are kept; of dictionaries alike, the first one is meant. */
const USUAL = ['state_dict', 'model_state_dict', 'model_state', 'model', 'net', 'network', 'weights', 'params', 'module', 'ema'];
const DEEPEST = 8;
/** More are shown to nobody. */
const SHOWN = 10;

const ADVICE =
  'save the state_dict in PyTorch, torch.save(model.state_dict(), path): a pickled model can only be read by running its code';

/**
 * The largest dictionary of tensors, not counting those of optimizers.
 *
 * @param key the dictionary of that name instead, as 'ema' or 'state.model'
 * @throws DataError where there is none, telling what there is
 */
export function findWeights(value: unknown, source: string, key?: string): FoundWeights {
  const candidates = dictionariesOf(value);
  const pathOf = ({ path }: FoundWeights) => path.join('.');
  if (key !== undefined) {
    const named = candidates.find((each) => pathOf(each) === key);
    if (named) return named;
    throw new DataError(
      source,
      `a dictionary of tensors '${key}'`,
      candidates
        .map((each) => pathOf(each).slice(0, 100))
        .slice(0, SHOWN)
        .join(', ') || 'none',
    );
  }
  const [best] = candidates
    .filter(({ path }) => !path.some((part) => PASSED_OVER.test(part)))
    .map((found) => ({ found, size: sizeOf(found), rank: rankOf(found) }))
    .sort((a, b) => b.size - a.size || a.rank - b.rank);
  const model = pickledModel(value);
  if (best && (!model || best.rank < USUAL.length)) return best.found;
  throw model
    ? new DataError(source, 'a state_dict, tensors by name', `a pickled model of the class '${model}'`, ADVICE)
    : new DataError(source, 'a state_dict, tensors by name', describe(value), ADVICE);
}

/** All dictionaries that hold tensors under names. */
function dictionariesOf(root: unknown): FoundWeights[] {
  const found: FoundWeights[] = [];
  const seen = new Set<unknown>();
  const open: { value: unknown; path: readonly string[] }[] = [{ value: root, path: [] }];
  for (const { value, path } of open) {
    if (!(value instanceof Map) || seen.has(value) || path.length > DEEPEST) continue;
    seen.add(value);
    const tensors = new Map<string, TorchTensor>();
    const others: string[] = [];
    for (const [key, item] of value) {
      if (typeof key !== 'string') continue;
      if (item instanceof TorchTensor) tensors.set(key, item);
      else others.push(key);
      open.push({ value: item, path: [...path, key] });
    }
    if (tensors.size > 0) found.push({ path, tensors, others });
  }
  return found;
}

/** Fractions count: whole numbers are counters and states of random generators. */
function sizeOf({ tensors }: FoundWeights): number {
  let size = 0;
  for (const { count, dtype } of tensors.values()) size += dtype.includes('float') ? count : 0;
  return size;
}

function rankOf({ path }: FoundWeights): number {
  if (path.length === 0) return -1;
  const rank = USUAL.indexOf(path[0]!);
  return rank < 0 ? USUAL.length : rank;
}

/** The class of what was pickled whole, itself or where weights are kept. */
function pickledModel(value: unknown): string | undefined {
  if (isOpaque(value)) return classOf(value);
  if (!(value instanceof Map)) return undefined;
  const under = USUAL.map((key) => value.get(key)).find(isOpaque);
  return under && classOf(under);
}

function classOf({ of }: Opaque): string {
  return of.replace(' ', '.').slice(0, 100);
}

function describe(value: unknown): string {
  if (value instanceof TorchTensor) return 'a single tensor';
  if (!(value instanceof Map)) return Array.isArray(value) ? 'a list' : `a ${value === null ? 'None' : typeof value}`;
  const keys = [...value.keys()].map((key) => String(key).slice(0, 40));
  return `a dictionary without any: ${keys.slice(0, SHOWN).join(', ') || 'it is empty'}${keys.length > SHOWN ? ', ...' : ''}`;
}
