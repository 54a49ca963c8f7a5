import { elementwise } from '../../backends/webgl/elementwise.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { Named, RunnerKernel } from '../../kernels.js';
import type { UpdateGeometry } from './update-op.js';

/** What an update does to the elements of a texel. */
export interface Update<Geometry extends UpdateGeometry> {
  /** The op, for errors. */
  readonly name: string;
  /** What it writes anew beside the value, in the order of its outputs. */
  readonly slots: readonly string[];
  /** Scalars in memory beside `scale`, that may be absent. */
  readonly scalars?: readonly string[];
  /** Numbers of the geometry beside those of every update, by their names. */
  readonly numbers: readonly (keyof Geometry & string)[];
  /** GLSL that sets the vec4s `direction` and those named as the slots. `gradient` has its penalties already. */
  body(given: (name: string) => boolean): string;
  /** Whether the first output is what the step would add to 0. */
  readonly fromZero?: boolean;
}

/** The largest float32: stands for a limit that there is none of, without asking the GPU for an infinity. */
const MOST = 3.4028234663852886e38;

/** A limit as a program's number. */
export const limit = (clip: number): number => Math.min(clip, MOST);

/** `vec4 larger(a, b)` and `vec4 clipped(v)`: a NaN of the first, or of v, stays. */
export const CLIPPED = `vec4 larger(vec4 a, vec4 b) { return mix(a, b, greaterThan(b, a)); }
vec4 clipped(vec4 v) { return mix(larger(v, vec4(-clip)), vec4(clip), greaterThan(v, vec4(clip))); }`;

/** The gradient of a texel: clipped after `factor`, with what the penalties add. */
const PENALIZED = `${CLIPPED}
vec4 penalized(vec4 gradient, vec4 value, float factor) {
  return clipped(gradient * factor) + l2 * value + l1 * sign(value);
}`;

/** The kernel of an update: value and slots in one pass. */
export function webglUpdate<Geometry extends UpdateGeometry>(update: Update<Geometry>): RunnerKernel<Geometry, WebglRunner> {
  const { name, slots, scalars = [], numbers, body, fromZero = false } = update;
  const pick = <T>(from: Named<T>, names: readonly string[]) => Object.fromEntries(names.map((each) => [each, from[each]!]));
  return (inputs, g, runner) => {
    const given = (input: string): boolean => inputs[input] !== undefined;
    const own = pick(g as unknown as Named<number | boolean>, numbers);
    return elementwise(runner, {
      ...{ name, geometry: g, shape: g.shape, outputs: 1 + slots.length, functions: PENALIZED },
      values: [
        `gradient = penalized(gradient, value, ${given('scale') ? 'scale' : '1.'});`,
        'vec4 direction;',
        body(given),
        `out0 = ${fromZero ? '-' : 'value - '}(rate * direction + shrinkage * value);`,
        ...slots.map((slot, i) => `out${i + 1} = ${slot};`),
      ].join('\n'),
      inputs: pick(inputs, ['value', 'gradient', ...slots]),
      scalars: pick(inputs, ['scale', ...scalars]),
      floats: {
        ...{ clip: limit(g.clip), l1: g.l1, l2: g.l2, rate: g.rate, shrinkage: g.shrinkage },
        ...Object.fromEntries(Object.entries(own).map(([key, value]) => [key, Number(value)])),
      },
    });
  };
}
