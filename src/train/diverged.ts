import {
  type NamedTensorMap,
  type Scalar,
  type Tensor,
  type Tensor1D,
  tidy,
  type Variable,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { TrainingBatch } from '../data/batch-source.js';
import { withPrecision } from '../precision.js';
import { lossOf } from './loss.js';
import { namedVariables, trainedVariables } from './trainable.js';
import type { StepParts } from './training-step.js';

/** The loss is no number any more. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';

  constructor(
    /** Steps taken, with the one whose loss is no number. */
    readonly step: number,
    /** That loss. */
    readonly loss: number,
    /** The weight where it began, as far as can be told. */
    readonly weight: string | undefined,
    /** The newest checkpoint, whose weights are all finite. */
    readonly checkpoint: string | undefined,
  ) {
    super(
      `the loss is ${loss} after ${step} steps` +
        (weight ? `; the first to go was '${weight}'` : '') +
        (checkpoint ? `; the last good checkpoint is ${checkpoint}` : '') +
        '; a lower learning rate or clipNorm may help',
    );
  }
}

/**
 * The weight whose gradient went first. A backward pass goes from the last layer to the first, and what is infinite spreads
 * on its way: so it is the last one, in the order of layers, that is not finite; where all weights still are, the
 * last one whose gradient for this batch is not.
 *
 * @param inputs the batch whose loss is no number
 */
export async function firstToGo(parts: StepParts, inputs: readonly Tensor[]): Promise<string | undefined> {
  const { net, loss, precision = 'float32' } = parts;
  const names = new Map(namedVariables(net).map(({ name, variable }) => [variable.name, name]));
  const variables = trainedVariables(net);
  const broken = await lastNotFinite(variables, (variable) => variable);
  if (broken) return names.get(broken.name) ?? broken.name;
  const [x, labels, weights] = inputs as [Tensor, Tensor, Tensor1D | undefined];
  const grads = withPrecision(precision, () =>
    tidy(() => variableGrads(() => lossOf(net, loss, x, labels, weights).loss as Scalar, variables).grads),
  );
  const first = await lastNotFinite(variables, ({ name }) => grads[name]);
  for (const gradient of Object.values(grads as NamedTensorMap)) gradient.dispose();
  return first && (names.get(first.name) ?? first.name);
}

/** Whether all weights are finite: others are not worth a checkpoint. */
export async function allFinite(variables: readonly Variable[]): Promise<boolean> {
  return !(await lastNotFinite(variables, (variable) => variable));
}

async function lastNotFinite(
  variables: readonly Variable[],
  tensorOf: (variable: Variable) => Tensor | undefined,
): Promise<Variable | undefined> {
  for (const variable of [...variables].reverse()) {
    const values = await tensorOf(variable)?.data();
    if (values && !(values as Float32Array).every(Number.isFinite)) return variable;
  }
  return undefined;
}

/** What of a batch makes any loss no number, before learning rates are blamed; undefined where there is nothing. */
export function strangeNumbers({ images, targets, weights }: TrainingBatch): { expected: string; found: string } | undefined {
  for (const [what, values] of Object.entries({ pictures: images, targets, weights })) {
    const at = values?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (at >= 0) return { expected: `${what} of finite numbers`, found: `${values![at]} at place ${at} of a batch` };
  }
  return undefined;
}
