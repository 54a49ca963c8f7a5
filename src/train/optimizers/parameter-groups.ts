import { nonNegativeNumber, onlyKnown, refuse, shown } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';

/**
 * Which weights a group has, by their names, 'conv1/kernel' or 'layer1.0/layer1.0.conv1/kernel'. A string is the name of a layer,
 * of a block ('layer1' has 'layer1.0.conv1' too) or of one weight; a list several of them; an expression is looked for in the
 * weight's name. A function is also told the layer's depth, from 0 at the input, among the layers with weights that the optimizer
 * knows: of a model it was bound to all, else those it was given gradients of.
 */
export type LayerSelector = string | readonly string[] | RegExp | ((name: string, depth: number) => boolean);

/** What pulls weights to 0, and how strongly. */
export interface PenaltyOptions {
  /**
   * Of Sgd, Adam and most others weightDecay * value is added to the gradient (PyTorch's `weight_decay`); AdamW, Lars and Lamb have
   * decay in their own ways. Default 0; AdamW and Lamb: 0.01.
   */
  readonly weightDecay?: number;
  /** Whether biases and the gamma and beta of normalisations (rank 1 and less) decay; AdamW, Lars and Lamb: false, others: true. */
  readonly decayBiasAndNorm?: boolean;
  /** Penalty l1 * sum |value| on the loss, through the gradient, after clipping; not of biases and normalisations. Default 0. */
  readonly l1?: number;
  /** Penalty l2 * sum value^2 on the loss, as tfjs-layers' regularizer has it; else as `l1`, with which it is the elastic net. */
  readonly l2?: number;
  /**
   * The largest Euclidean norm of the weights of one unit, after each step; longer ones are shortened to it. A unit is an element of
   * the last axis (an output channel; of depthwise kernels the last two axes); not of biases and normalisations. Default: none.
   * Constraints of tfjs-layers are not kept in training: there they act on `setWeights` alone.
   */
  readonly maxNorm?: number;
}

/** Weights with settings of their own. What a group does not say, is as the optimizer has it. */
export interface ParameterGroup extends PenaltyOptions {
  /** The weights; the first group that has a weight is the weight's. */
  readonly layers: LayerSelector;
  /** The optimizer's learning rate times this, at every step; 0 freezes. Default 1. */
  readonly learningRateScale?: number;
}

/** What an optimizer does with one weight. */
export interface WeightSettings {
  readonly learningRateScale: number;
  readonly weightDecay: number;
  readonly l1: number;
  /** Of the gradient: twice the penalty's. */
  readonly l2: number;
  /** Infinity: none. */
  readonly maxNorm: number;
  /** Last axes whose elements are units. */
  readonly unitAxes: number;
}

/** A weight as groups see it. */
export interface WeightPlace {
  readonly name: string;
  readonly depth: number;
  readonly rank: number;
}

const PENALTIES = ['weightDecay', 'decayBiasAndNorm', 'l1', 'l2', 'maxNorm'];

/** Names of depthwise kernels, of our layers and tfjs's; tfjs makes names unique by a number. */
const DEPTHWISE = /depthwise_kernel(_\d+)?$/;

/** Option names of a group. */
const GROUP_OPTIONS = ['layers', 'learningRateScale', ...PENALTIES];

/** @throws ArgumentError naming the option */
export function checkPenalties(where: string, options: PenaltyOptions): void {
  for (const name of ['weightDecay', 'l1', 'l2'] as const) {
    if (options[name] !== undefined) nonNegativeNumber(where, name, options[name]);
  }
  const { decayBiasAndNorm, maxNorm } = options;
  if (maxNorm !== undefined && !(maxNorm > 0)) refuse(where, 'maxNorm', 'a number above 0', maxNorm);
  if (decayBiasAndNorm !== undefined && typeof decayBiasAndNorm !== 'boolean') {
    refuse(where, 'decayBiasAndNorm', 'true or false', decayBiasAndNorm);
  }
}

/** @throws ArgumentError naming the group and the option */
export function checkGroups(where: string, groups: readonly ParameterGroup[]): void {
  if (!Array.isArray(groups)) refuse(where, 'groups', 'a list of { layers, learningRateScale, weightDecay, ... }', groups);
  groups.forEach((group: ParameterGroup, i) => {
    const at = `${where}: groups[${i}]`;
    if (typeof group !== 'object' || group === null) {
      throw new ArgumentError(`${at} must be { layers, learningRateScale, weightDecay, ... }, got ${shown(group)}`);
    }
    onlyKnown(at, group, GROUP_OPTIONS);
    if (!isSelector(group.layers)) {
      refuse(at, 'layers', 'a name, names, a regular expression or a function (name, depth) => boolean', group.layers);
    }
    if (group.learningRateScale !== undefined) nonNegativeNumber(at, 'learningRateScale', group.learningRateScale);
    checkPenalties(at, group);
  });
}

function isSelector(value: unknown): value is LayerSelector {
  if (typeof value === 'string' || typeof value === 'function' || value instanceof RegExp) return true;
  return Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string');
}

/** Whether a group has the weight. */
export function selects(layers: LayerSelector, { name, depth }: WeightPlace): boolean {
  if (typeof layers === 'function') return layers(name, depth);
  // Not `test`, which goes on behind its last find where the expression is global.
  if (layers instanceof RegExp) return name.search(layers) >= 0;
  return [layers].flat().some((wanted) => isWithin(name, wanted as string));
}

/** Of 'layer1.0/layer1.0.conv1/kernel': the whole, its beginnings at '/', and each step between with its beginnings at '.'. */
function isWithin(name: string, wanted: string): boolean {
  if (name === wanted || name.startsWith(`${wanted}/`)) return true;
  return name
    .split('/')
    .slice(0, -1)
    .some((step) => step === wanted || step.startsWith(`${wanted}.`));
}

/** The settings of one weight. */
export function settingsOf(
  place: WeightPlace,
  defaults: Required<PenaltyOptions>,
  groups: readonly ParameterGroup[],
): WeightSettings {
  const group = groups.find(({ layers }) => selects(layers, place));
  const given = Object.fromEntries(Object.entries(group ?? {}).filter(([, value]) => value !== undefined));
  const { weightDecay, decayBiasAndNorm, l1, l2, maxNorm, learningRateScale } = { learningRateScale: 1, ...defaults, ...given };
  const isKernel = place.rank > 1;
  return {
    learningRateScale,
    weightDecay: isKernel || decayBiasAndNorm ? weightDecay : 0,
    l1: isKernel ? l1 : 0,
    l2: isKernel ? 2 * l2 : 0,
    maxNorm: isKernel ? maxNorm : Infinity,
    unitAxes: DEPTHWISE.test(place.name) ? 2 : 1,
  };
}
