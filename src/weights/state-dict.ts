/** Weights under the names and in the layout of PyTorch and Keras. */
import { tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { oneOf, shown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { sizeOf } from '../layers/cnn-layer.js';
import { type Entry, entriesOf } from './entries.js';
import { type Framework, fromFramework, toFramework } from './layouts.js';

/** One array of a state dict. */
export interface WeightArray {
  /** In the framework's layout: OIHW and [out, in] for 'torch', HWIO and [in, out] for 'keras'. */
  readonly shape: readonly number[];
  /** Its values, the last axis fastest. */
  readonly data: ArrayLike<number>;
}

/** Arrays by the framework's names; moving statistics are among them. */
export type StateDict = Readonly<Record<string, WeightArray>>;

/** Options of stateDict. */
export interface StateDictOptions {
  /** Whose names and layouts; default: those of the variant that the model was built as, else 'torch'. */
  framework?: Framework;
}

/** Options of loadStateDict. */
export interface LoadStateDictOptions extends StateDictOptions {
  /** Every weight must be there, and nothing else; default true. Otherwise what fits is loaded. */
  strict?: boolean;
}

/** What loadStateDict found. */
export interface StateDictReport {
  /** Names that were loaded. */
  readonly loaded: readonly string[];
  /** Weights of the model that the dict has no array for. */
  readonly missing: readonly string[];
  /** Arrays that no weight of the model is called like. */
  readonly unexpected: readonly string[];
  /** Arrays of another shape than the weight's. */
  readonly mismatched: readonly {
    readonly name: string;
    /** The weight's shape in the framework's layout. */
    readonly expected: readonly number[];
    /** The array's shape. */
    readonly found: readonly number[];
  }[];
}

/** A state dict does not fit the model; nothing was loaded. */
export class StateDictError extends ArgumentError {
  override readonly name = 'StateDictError';

  /** @param report what fits and what does not */
  constructor(
    message: string,
    readonly report: StateDictReport,
  ) {
    super(message);
  }
}

/**
 * All weights of a model, as PyTorch's `state_dict()` or Keras's `weights` would give them.
 * @returns float32 arrays of their own: changing them changes nothing in the model
 * @throws ArgumentError where two weights have one name, as of two nets alike in one model
 */
export async function stateDict(model: LayersModel, options: StateDictOptions = {}): Promise<Record<string, WeightArray>> {
  const dict: Record<string, WeightArray> = {};
  for (const { name, variable, layout } of entriesByName(model, options.framework ?? frameworkOf(model))) {
    const data = toFramework((await variable.read().data()) as Float32Array, layout);
    dict[name] = { shape: layout.shape, data };
  }
  return dict;
}

/**
 * Sets a model's weights. PyTorch's `num_batches_tracked`, which nothing here needs, is passed over.
 *
 * @param dict arrays in the framework's layout
 * @returns what was loaded and what was not
 * @throws StateDictError naming what is missing, unexpected or of another shape (strict), ArgumentError where an
 *   array does not hold as many numbers as its shape says; the model is then as it was
 */
export function loadStateDict(model: LayersModel, dict: StateDict, options: LoadStateDictOptions = {}): StateDictReport {
  const { strict = true, framework = frameworkOf(model) } = options;
  checkDict(dict);
  const entries = entriesByName(model, framework);
  const report = compare(entries, dict);
  const { missing, unexpected, mismatched } = report;
  if (strict && missing.length + unexpected.length + mismatched.length > 0) {
    throw new StateDictError(`the state dict does not fit the model '${model.name}': ${describe(report)}`, report);
  }
  const loaded = new Set(report.loaded);
  for (const { name, variable, layout } of entries) {
    if (!loaded.has(name)) continue;
    const value = tensor(fromFramework(dict[name]!.data, layout), variable.shape as number[]);
    variable.write(value);
    value.dispose();
  }
  return report;
}

function compare(entries: readonly Entry[], dict: StateDict): StateDictReport {
  const loaded: string[] = [];
  const missing: string[] = [];
  const mismatched: { name: string; expected: readonly number[]; found: readonly number[] }[] = [];
  const known = new Set(entries.map(({ name }) => name));
  for (const { name, layout } of entries) {
    if (!Object.hasOwn(dict, name)) {
      missing.push(name);
      continue;
    }
    const found = shapeOf(name, dict[name]);
    if (String(found) === String(layout.shape)) loaded.push(name);
    else mismatched.push({ name, expected: layout.shape, found });
  }
  const unexpected = Object.keys(dict).filter((name) => !known.has(name) && !name.endsWith('.num_batches_tracked'));
  return { loaded, missing, unexpected, mismatched };
}

/** The array's shape. @throws ArgumentError where its data are not as many numbers */
export function shapeOf(name: string, array: Partial<WeightArray> | null | undefined): readonly number[] {
  const { shape, data } = array ?? {};
  if (!Array.isArray(shape) || !(Array.isArray(data) || ArrayBuffer.isView(data))) {
    throw new ArgumentError(
      `'${name}' must be {shape, data}, both arrays of numbers; of a tensor: {shape: tensor.shape, data: await tensor.data()}`,
    );
  }
  const size = sizeOf(shape);
  if (data.length !== size) {
    throw new ArgumentError(`'${name}' must hold ${size} numbers, as its shape [${shape}] says, got ${data.length}`);
  }
  const odd = Array.isArray(data) ? data.findIndex((value) => typeof value !== 'number') : typeof data[0] === 'bigint' ? 0 : -1;
  // A hole counts as undefined.
  if (odd >= 0) throw new ArgumentError(`'${name}' must hold numbers, got ${typeof data[odd]} at ${odd}`);
  return shape;
}

/** @throws ArgumentError for what is no object of arrays by name */
function checkDict(dict: unknown): void {
  const what =
    dict instanceof Promise ? 'a promise: await it first' : dict instanceof Map ? 'a Map: Object.fromEntries' : undefined;
  if (typeof dict === 'object' && dict !== null && !what) return;
  throw new ArgumentError(`the state dict must be an object of arrays by name, got ${what ?? shown(dict)}`);
}

/** Entries by name. @throws ArgumentError where two weights have one name */
export function entriesByName(model: LayersModel, framework: Framework): Entry[] {
  const entries = entriesOf(model, oneOf('state dict', 'framework', framework, ['torch', 'keras']));
  const seen = new Set<string>();
  for (const { name } of entries) {
    if (seen.has(name)) throw new ArgumentError(`state dict: two weights of the model '${model.name}' are called '${name}'`);
    seen.add(name);
  }
  return entries;
}

/** The first names of each kind: enough to see what is wrong. */
function describe({ missing, unexpected, mismatched }: StateDictReport): string {
  const list = (what: string, names: readonly string[]) =>
    names.length === 0
      ? []
      : [`${what} ${names.slice(0, 5).join(', ')}${names.length > 5 ? ` and ${names.length - 5} more` : ''}`];
  return [
    ...list('missing', missing),
    ...list('unexpected', unexpected),
    ...list(
      'of another shape',
      mismatched.map(({ name, expected, found }) => `${name} (expected [${expected}], got [${found}])`),
    ),
  ].join('; ');
}

function frameworkOf(model: LayersModel): Framework {
  const { variant } = (model.getUserDefinedMetadata() ?? {}) as { variant?: string };
  return variant === 'keras' ? 'keras' : 'torch';
}
