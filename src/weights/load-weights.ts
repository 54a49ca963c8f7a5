import type { LayersModel } from '@tensorflow/tfjs-layers';
import { flag, onlyKnown } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { CACHE_OPTIONS, type CacheOptions } from './cache/cache-options.js';
import { cached } from './cache/cached.js';
import { fitArrays } from './fit-arrays.js';
import type { WeightSource } from './formats/open-source.js';
import type { WeightFile } from './formats/weight-file.js';
import { isWeightFile } from './keys/plain-weights.js';
import { knownInput } from './known-input.js';
import { formatLoadReport, type LoadReport } from './load-report.js';
import { modelInput, setModelInput } from './model-input.js';
import { type Recognised, recognise } from './nets/recognise.js';
import { type ReadWeightsOptions, readWeights } from './read-weights.js';
import { entriesByName, loadStateDict, type StateDict, StateDictError } from './state-dict.js';

/** What weights are loaded from: what readWeights reads, a file that was read, or arrays by name. */
export type LoadSource = WeightSource | WeightFile | StateDict;

/** Options of loadWeights. */
export interface LoadWeightsOptions extends CacheOptions, Pick<ReadWeightsOptions, 'key'> {
  /** Every weight must be there, and nothing else; default true. Otherwise what fits is loaded. */
  readonly strict?: boolean | undefined;
  /**
   * What differs in the number of classes or of the pictures' channels is made to fit: a head of another size stays as the model began, a
   * first convolution is summed (grey from RGB) or repeated and scaled. Default false.
   */
  readonly adapt?: boolean | undefined;
  /** The head stays as the model began, whatever the file has; default false. */
  readonly freshHead?: boolean | undefined;
}

const READ_OPTIONS = [...CACHE_OPTIONS, 'key'] as const;

export type ReadSourceOptions = Pick<LoadWeightsOptions, (typeof READ_OPTIONS)[number]>;

/**
 * Loads weights into a model, whoever saved them: names and layouts of torchvision, timm, Keras Applications and this zoo are recognised.
 * How the pictures of well-known weights are prepared is stored with the model (`modelInput`), unless it says so already.
 *
 *     const report = await loadWeights(resNet18({ classes: 2 }), 'resnet18.pth', { adapt: true });
 *     console.log(formatLoadReport(report));
 *
 * @param source a path (Node), an address, a `File`, bytes, what readWeights gave, or arrays by name; what is fetched from an address is
 *               kept, and taken from there the next time
 * @returns      what was loaded, renamed, adapted, and what was not
 * @throws StateDictError with the report where weights are missing, unexpected or of another shape (strict), or where nothing fits; the model
 *   is then as it was. DataError where the file is damaged
 */
export async function loadWeights(model: LayersModel, source: LoadSource, options: LoadWeightsOptions = {}): Promise<LoadReport> {
  onlyKnown('loadWeights', options, [...READ_OPTIONS, 'strict', 'adapt', 'freshHead']);
  const { strict, adapt, freshHead, ...reading } = options;
  return loadRecognised(model, recognise(await readSource('loadWeights', source, reading)), { strict, adapt, freshHead });
}

/** What was read, or is read now. */
export async function readSource(
  where: string,
  source: LoadSource,
  { key, ...caching }: ReadSourceOptions,
): Promise<WeightFile | StateDict> {
  if (isWeightFile(source) || isStateDict(source)) return source;
  return readWeights(await cached(where, source, caching), { key });
}

/** A plain object; files, addresses and bytes call themselves otherwise, and lists of files are iterable. */
function isStateDict(source: LoadSource): source is StateDict {
  return Object.prototype.toString.call(source) === '[object Object]' && !(Symbol.iterator in (source as object));
}

/** loadWeights of what was read and recognised. */
export function loadRecognised(
  model: LayersModel,
  recognised: Recognised,
  options: Pick<LoadWeightsOptions, 'strict' | 'adapt' | 'freshHead'>,
): LoadReport {
  const { strict = true, adapt = false, freshHead = false } = options;
  for (const [name, value] of Object.entries({ strict, adapt, freshHead })) flag('loadWeights', name, value);
  const { framework } = recognised.weights;
  const { arrays, report } = fitArrays(model, entriesByName(model, framework), recognised, { adapt, freshHead });
  const { missing, unexpected, mismatched, loaded } = report;
  const wrong = missing.length + unexpected.length + mismatched.length;
  if ((strict && wrong > 0) || loaded.length === 0) {
    const advice = strict && loaded.length > 0 ? adviceFor(model, report) : '';
    throw new StateDictError(
      `the weights do not fit the model '${model.name}'${advice}\n${formatLoadReport(report).trimEnd()}`,
      report,
    );
  }
  for (const [name, { shape, data }] of Object.entries(arrays)) {
    if (typeof data[0] === 'bigint')
      throw new ArgumentError(`the weight '${name}' [${shape}] must hold numbers, got 64-bit integers`);
  }
  loadStateDict(model, arrays, { framework, strict: false });
  const input = modelInput(model) ?? knownInput(model, report);
  if (input) setModelInput(model, input);
  return report;
}

/** What may help. */
function adviceFor(model: LayersModel, { net, mismatched, unexpected }: LoadReport): string {
  const { net: own } = (model.getUserDefinedMetadata() ?? {}) as { net?: string };
  if (net && own && net.net !== own) return `: they are those of ${net.net}`;
  if (mismatched.length > 0)
    return ' (adapt: true makes other numbers of classes and channels fit, strict: false leaves out what does not)';
  return unexpected.length > 0 ? ' (strict: false leaves out what does not fit)' : '';
}
