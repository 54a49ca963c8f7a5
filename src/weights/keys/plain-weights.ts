/** A file's arrays under the plain names of a framework: without what wraps, containers and programs add to them. */
import { isRecord, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import type { WeightFile } from '../formats/weight-file.js';
import type { Framework } from '../layouts.js';
import type { StateDict, WeightArray } from '../state-dict.js';

/** An array, and what it is called where it comes from. */
export interface PlainArray extends WeightArray {
  readonly from: string;
}

/** What a file holds, by plain names. */
export interface PlainWeights {
  readonly framework: Framework;
  readonly arrays: ReadonlyMap<string, PlainArray>;
  /** Names of arrays that no net needs: counters, an optimizer's state. */
  readonly passedOver: readonly string[];
}

/** What torch.compile, DataParallel, Lightning and their like put before every name. */
const WRAPPINGS = ['module', '_orig_mod', 'model', 'net', 'network', 'backbone', 'encoder', 'state_dict'];

const PASSED_OVER = /(^|\.)num_batches_tracked$|^n_averaged$|^optimizer(_weights)?\//;

const KERAS_NAME = /\/(kernel|gamma|beta|moving_mean|moving_variance|depthwise_kernel|pointwise_kernel)(:0)?$/;

/** @param source a file that was read, or arrays by name */
export function plainWeights(source: WeightFile | StateDict): PlainWeights {
  const isFile = isWeightFile(source);
  const given: StateDict = isFile ? (source.arrays as unknown as StateDict) : source;
  if (!isRecord(given)) throw new ArgumentError(`weights must be a file that was read, or arrays by name, got ${typeof given}`);
  const names = Object.keys(given);
  const framework = (isFile ? source.framework : undefined) ?? (names.some((name) => KERAS_NAME.test(name)) ? 'keras' : 'torch');
  const needed = names.filter((name) => !PASSED_OVER.test(name));
  const plain = framework === 'keras' ? kerasNames(needed) : torchNames(needed);
  const arrays = new Map<string, PlainArray>();
  needed.forEach((from, i) => {
    const { shape, data } = checkedArray(from, given[from]);
    // Two names that become one stay what they were.
    arrays.set(arrays.has(plain[i]!) ? from : plain[i]!, { shape, data, from });
  });
  return { framework, arrays, passedOver: names.filter((name) => PASSED_OVER.test(name)) };
}

function checkedArray(name: string, array: unknown): WeightArray {
  if (isRecord(array) && Array.isArray(array['shape']) && array['data'] !== undefined) return array as unknown as WeightArray;
  throw new ArgumentError(`'${name}' must be {shape, data}, both arrays of numbers, got ${shown(array)}`);
}

/** Whether it is what readWeights gives. */
export function isWeightFile(value: unknown): value is WeightFile {
  return isRecord(value) && typeof value['format'] === 'string' && isRecord(value['arrays']);
}

function torchNames(names: readonly string[]): readonly string[] {
  const wrapping = WRAPPINGS.find((each) => names.length > 0 && names.every((name) => name.startsWith(`${each}.`)));
  return wrapping ? torchNames(names.map((name) => name.slice(wrapping.length + 1))) : names;
}

function kerasNames(names: readonly string[]): readonly string[] {
  const short = names.map((name) => name.replace(/:0$/, '').replace(/\/depthwise_kernel$/, '/kernel'));
  const container = containerIn(short);
  return container ? short.map((name) => (name.startsWith(container) ? name.slice(container.length) : name)) : short;
}

/** 'resnet50/' where a model within the model holds most layers, as where somebody put a head of his own on a net. */
function containerIn(names: readonly string[]): string | undefined {
  const layersOf = new Map<string, Set<string>>();
  for (const name of names) {
    const [first, ...rest] = name.split('/') as [string, ...string[]];
    if (rest.length < 2) continue;
    layersOf.set(first, (layersOf.get(first) ?? new Set()).add(rest[0]!));
  }
  const layers = new Set(names.map((name) => name.slice(0, name.lastIndexOf('/')))).size;
  return [...layersOf].filter(([, inside]) => inside.size > layers / 2).map(([first]) => `${first}/`)[0];
}
