import type { Tensor } from '@tensorflow/tfjs-core';
import type { PartDeclaration, ReadyOp } from '../backends/kernel-host.js';
import type { Named } from '../kernels.js';
import type { OpDefinition } from '../op-definition.js';
import { activationGeometry } from '../ops/activation/geometry.js';
import { reference as activationReference } from '../ops/activation/reference.js';

/** What of an op is needed to run its float64 reference, whatever its arguments. */
export interface AnyOp {
  (...args: never[]): unknown;
  /** Its parts and kernels. */
  readonly definition: ReadyOp<object> &
    Pick<OpDefinition<never[], object, unknown>, 'unfuse' | 'forward' | 'shared' | 'backward' | 'terms' | 'choices'>;
}

/** One call of an op: its geometry, and its inputs in float64. */
export interface ReferenceCall {
  op: AnyOp;
  geometry: object;
  inputs: Named<Float64Array>;
}

/** The call that `op(...args)` would make. */
export async function referenceCall(op: AnyOp, args: readonly unknown[]): Promise<ReferenceCall> {
  const { prepare } = op.definition as unknown as OpDefinition<unknown[], object, unknown>;
  const { inputs, geometry } = prepare(...args);
  const given: Named<Float64Array> = {};
  for (const [name, tensor] of Object.entries(inputs))
    if (tensor) given[name] = Float64Array.from(await (tensor as Tensor).data());
  return { op, geometry, inputs: given };
}

/** Runs one part of the reference. */
function runPart(
  op: AnyOp,
  part: string,
  declaration: PartDeclaration<object>,
  values: Named<Float64Array>,
  geometry: object,
): Named<Float64Array> {
  const outputs: Named<Float64Array> = {};
  for (const [name, shapeOf] of Object.entries(declaration.outputs)) {
    outputs[name] = new Float64Array(shapeOf(geometry).reduce((a, b) => a * b, 1)).fill(NaN);
  }
  const read = Object.fromEntries(declaration.inputs.filter((name) => values[name]).map((name) => [name, values[name]!]));
  op.definition.kernels.reference[part]!(read, outputs, geometry);
  return outputs;
}

/** The outputs of the forward pass, by name. */
export function referenceForward({ op, geometry, inputs }: ReferenceCall): Named<Float64Array> {
  return runPart(op, 'forward', op.definition.forward, inputs, geometry);
}

/** Every gradient the op has a formula for, by the name of the input, for dy of the first output. */
export function referenceGradients(call: ReferenceCall, dy: Float64Array): Named<Float64Array> {
  const { op, geometry, inputs } = call;
  const outputs = referenceForward(call);
  const y = outputs[Object.keys(op.definition.forward.outputs)[0]!]!;
  const values: Named<Float64Array> = { ...inputs, ...outputs, dy: beforeActivation(op, geometry, dy, y) };
  const { shared } = op.definition;
  if (shared) Object.assign(values, runPart(op, 'shared', shared, values, geometry));
  const gradients: Named<Float64Array> = {};
  for (const term of op.definition.terms ?? []) gradients[term] = values['dy']!;
  for (const [part, declaration] of Object.entries(op.definition.backward)) {
    for (const [name, value] of Object.entries(runPart(op, part, declaration, values, geometry)))
      gradients[name.slice(1)] = value;
  }
  return gradients;
}

/** dz = dy act'(y), where the op fuses an activation. */
function beforeActivation(op: AnyOp, geometry: object, dy: Float64Array, y: Float64Array): Float64Array {
  const { activation = 'linear' } = geometry as { activation?: string };
  if (!op.definition.unfuse || activation === 'linear') return dy;
  const dx = new Float64Array(y.length);
  activationReference['dx']!({ dy, y }, { dx }, activationGeometry(activation as 'relu', [y.length]));
  return dx;
}
