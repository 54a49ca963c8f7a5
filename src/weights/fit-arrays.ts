/** Which of a file's arrays go where in a model, and what is done to those that do not fit at once. */
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { sizeOf } from '../layers/cnn-layer.js';
import { firstConvolution, headLayers } from './adapt/ends-of-net.js';
import { withInputChannels } from './adapt/input-channels.js';
import type { Entry } from './entries.js';
import type { LoadReport } from './load-report.js';
import type { Recognised } from './nets/recognise.js';
import { AUXILIARY } from './nets/torch-inceptions.js';
import { shapeOf, type WeightArray } from './state-dict.js';

/** What may be done to arrays. */
export interface Fitting {
  /** Whether head and first layer may have other sizes than the file's. */
  readonly adapt: boolean;
  /** Whether the head stays as the model began. */
  readonly freshHead: boolean;
}

/** The arrays by the model's names, in its shapes, and what was found. */
export function fitArrays(
  model: LayersModel,
  entries: readonly Entry[],
  { weights, keys, net }: Recognised,
  { adapt, freshHead }: Fitting,
): { arrays: Record<string, WeightArray>; report: LoadReport } {
  const arrays: Record<string, WeightArray> = Object.create(null);
  const found = {
    loaded: [] as string[],
    renamed: [] as LoadReport['renamed'][number][],
    adapted: [] as LoadReport['adapted'][number][],
    fresh: [] as string[],
    leftOut: [...weights.passedOver],
    missing: [] as string[],
    unexpected: [] as string[],
    mismatched: [] as LoadReport['mismatched'][number][],
  };
  const ids = (layers: readonly { weights: readonly { id: number }[] }[]) =>
    layers.flatMap((each) => each.weights.map(({ id }) => id));
  const head = new Set(ids(headLayers(model)));
  const first = firstConvolution(model)?.weights[0]?.id;
  const torch = weights.framework === 'torch';
  const inputAxis = torch ? 1 : 2;
  for (const { name, variable, layout } of entries) {
    const array = keys.arrays.get(name);
    const isHead = head.has(variable.id);
    const { shape: expected } = layout;
    if (!array || (isHead && freshHead)) {
      if (isHead && (freshHead || adapt)) found.fresh.push(name);
      else found.missing.push(name);
      if (array) found.leftOut.push(array.from);
      continue;
    }
    const { data, from } = array;
    const shape = shapeOf(from, array);
    const take = (taken: WeightArray) => {
      arrays[name] = taken;
      found.loaded.push(name);
      if (from !== name) found.renamed.push({ from, to: name });
    };
    const changed = (how: string) => found.adapted.push({ name, how });
    if (same(shape, expected)) {
      take({ shape, data });
    } else if (sameNumbers(shape, expected, torch ? 0 : -1)) {
      changed(`[${shape}] taken as [${expected}]`);
      take({ shape: expected, data });
    } else if (isHead && adapt) {
      found.fresh.push(name);
      found.leftOut.push(from);
    } else if (variable.id === first && adapt && same(without(shape, inputAxis), without(expected, inputAxis))) {
      changed(`input channels ${shape[inputAxis]} -> ${expected[inputAxis]}`);
      take(withInputChannels({ shape, data }, inputAxis, expected[inputAxis]!));
    } else {
      found.mismatched.push({ name, expected, found: shape });
    }
  }
  const known = new Set(entries.map(({ name }) => name));
  for (const [name, { from }] of keys.arrays) {
    if (known.has(name)) continue;
    const unneeded = AUXILIARY.test(name) || (adapt && CLASSIFIER.test(name));
    (unneeded ? found.leftOut : found.unexpected).push(from);
  }
  return { arrays, report: { ...found, net } };
}

/** What the zoo's nets call their classifiers, of whichever the model has none. */
const CLASSIFIER = /^(fc|linear|classifier|predictions|conv_preds|conv10|dense(_1)?|conv2d_16|fc[12])[./]/;

const same = (a: readonly number[], b: readonly number[]) => String(a) === String(b);
const without = (shape: readonly number[], axis: number) => shape.filter((_, at) => at !== axis);

/** A dense layer and a convolution as large as its maps, or of one pixel, are the same numbers in the same order. */
function sameNumbers(a: readonly number[], b: readonly number[], outputs: 0 | -1): boolean {
  return String([a.length, b.length].sort()) === '2,4' && sizeOf(a) === sizeOf(b) && a.at(outputs) === b.at(outputs);
}
