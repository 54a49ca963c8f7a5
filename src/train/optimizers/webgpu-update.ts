import type { TensorInfo } from '@tensorflow/tfjs-core';
import { launchElementwise } from '../../backends/webgpu/elementwise.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Named, RunnerKernel } from '../../kernels.js';
import type { UpdateGeometry } from './update-op.js';

/** What an update does to one element. */
export interface Update<Geometry extends UpdateGeometry> {
  /** For messages: 'sgdStep'. */
  readonly name: string;
  /** What it writes anew beside the value, in the order of its outputs. */
  readonly slots: readonly string[];
  /** Scalars in memory beside `scale`, that may be absent. */
  readonly scalars?: readonly string[];
  /** Numbers of the geometry beside those of every update, by their names. */
  readonly numbers: readonly (keyof Geometry & string)[];
  /**
   * WGSL that assigns `direction` and the slots. `g` is the element's penalised gradient, slots are slot_<name>, T is the type of an
   * element.
   */
  body(given: (name: string) => boolean): string;
  /** Whether the first output is what the step would add to 0, and the value stays. */
  readonly fromZero?: boolean;
}

/** Numbers of every update. */
const COMMON = ['clip', 'l1', 'l2', 'shrinkage', 'rate'] as const;

/** WGSL: `scaled` of type T, clipped. Of NaN both are false, so that it stays. */
export const CLIPPED = 'select(select(scaled, T(u.clip), scaled > T(u.clip)), T(-u.clip), scaled < T(-u.clip))';

/**
 * The kernel of an update: value and slots are written over in one launch, unless somebody else has them, too. Where the input `open` is
 * 0, they are not: what is there stays.
 */
export function webgpuUpdate<Geometry extends UpdateGeometry>(update: Update<Geometry>): RunnerKernel<Geometry, WebgpuRunner> {
  const { name, slots, scalars = [], numbers, body, fromZero = false } = update;
  return (inputs, geometry, runner) => {
    const given = (input: string): boolean => inputs[input] !== undefined;
    const moved = fromZero ? runner.output(geometry.shape) : runner.renewed(inputs['value']!);
    const renewed = slots.map((slot) => runner.renewed(inputs[slot]!));
    const written: Named<TensorInfo> = Object.fromEntries(slots.map((slot, i) => [slot, renewed[i]!]));
    const values = geometry as unknown as Record<string, number>;
    launchElementwise(runner, {
      ...{ name, variant: slots.join(), geometry, size: geometry.size, changing: true },
      reads: { gradient: inputs['gradient'], ...(fromZero && { value: inputs['value'] }) },
      writes: { [fromZero ? 'moved' : 'value']: moved, ...written },
      scalars: Object.fromEntries(['scale', 'open', ...scalars].map((scalar) => [scalar, inputs[scalar]])),
      numbers: Object.fromEntries([...COMMON, ...numbers].map((number) => [number, Number(values[number])])),
      body: `${given('open') ? `  if (open[0] == 0.0) { ${fromZero ? 'moved[i] = T(); ' : ''}return; }\n` : ''}  let v = value[i];
  let scaled = gradient[i]${given('scale') ? ' * scale[0]' : ''};
  let g = ${CLIPPED} + u.l2 * v + u.l1 * (select(T(), T(1.0), v > T()) - select(T(), T(1.0), v < T()));
${slots.map((slot) => `  var slot_${slot} = ${slot}[i];`).join('\n')}
  var direction = T();
${body(given)}
${slots.map((slot) => `  ${slot}[i] = slot_${slot};`).join('\n')}
  ${fromZero ? 'moved[i] = -' : 'value[i] = v - '}(u.rate * direction + u.shrinkage * v);`,
    });
    return [moved, ...renewed];
  };
}
