import { GeometryError } from '../../geometry.js';
import { checkActivation, type FusedActivation } from '../activation/fused.js';
import { checkBias } from '../conv2d/geometry.js';

/** Sizes of a fully connected layer: [rows, inputs] times [inputs, units]. */
export interface DenseGeometry {
  readonly rows: number;
  readonly inputs: number;
  readonly units: number;
  readonly activation: FusedActivation;
}

/** What denseGeometry needs to know beside the shapes of x and filter. */
export interface DenseShapeOptions {
  activation?: FusedActivation;
  biasShape?: readonly number[];
}

/**
 * The geometry of x [rows, inputs] times filter [inputs, units].
 *
 * @throws GeometryError where the shapes do not fit together
 */
export function denseGeometry(
  xShape: readonly number[],
  filterShape: readonly number[],
  options: DenseShapeOptions = {},
): Readonly<DenseGeometry> {
  const { activation = 'linear', biasShape } = options;
  if (xShape.length !== 2) {
    throw new GeometryError(`dense: x must have rank 2 [rows, inputs], got rank ${xShape.length} [${xShape}]; flatten it first`);
  }
  if (filterShape.length !== 2) {
    throw new GeometryError(`dense: filter must have rank 2 [inputs, units], got rank ${filterShape.length} [${filterShape}]`);
  }
  const [rows, inputs] = xShape as [number, number];
  const [filterInputs, units] = filterShape as [number, number];
  if (inputs !== filterInputs) {
    throw new GeometryError(
      `dense: x has ${inputs} columns, but filter [${filterShape}] takes ${filterInputs} inputs; they must be equal`,
    );
  }
  checkActivation('dense', activation);
  checkBias('dense', biasShape, units);
  return Object.freeze({ rows, inputs, units, activation });
}
