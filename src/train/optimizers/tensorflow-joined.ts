import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { JoinedKernel, Named } from '../../kernels.js';
import type { UpdateGeometry } from './update-op.js';

/** What every step begins with among its numbers, as native-update.h has them. */
const common = ({ clip, l1, l2, shrinkage, rate }: UpdateGeometry): number[] => [clip, l1, l2, shrinkage, rate];

/**
 * The kernel of a native op that moves all weights at once.
 * @param op      its name
 * @param slots   in their order
 * @param numbers what it reads of a weight, after what all steps have
 */
export function joinedUpdate<Geometry extends UpdateGeometry>(
  op: string,
  slots: readonly string[],
  numbers: (geometry: Geometry) => number[],
): JoinedKernel<TensorflowRunner> {
  return (calls, runner) => {
    const count = calls.length;
    const outputs = runner.composeJoined(calls, (values) => {
      const all = (name: string) => values.map((each) => each[name]!);
      const scalars = (name: string) => someScalars(values, name, runner);
      const rows = calls.map(({ geometry }) => [...common(geometry as Geometry), ...numbers(geometry as Geometry)]);
      const table = runner.numbers([count, rows[0]!.length], Float32Array.from(rows.flat()));
      const [scales, trusts] = [scalars('scale'), scalars('trust')];
      const inputs = [...all('value'), ...all('gradient'), ...slots.flatMap(all), table, ...scales, ...trusts];
      const counts = { N: count, M: slots.length * count, S: scales.length, T: trusts.length };
      const attributes = Object.entries(counts).map(([name, each]) => runner.int(name, each));
      return runner.ops(op, inputs, (1 + slots.length) * count, attributes);
    });
    // All values, then all first slots, ...
    return calls.map((_, i) => [outputs[i]!, ...slots.map((_slot, k) => outputs[(k + 1) * count + i]!)]);
  };
}

/** A scalar a weight, 1 where it has none; none at all where no weight has one. */
function someScalars(values: readonly Named<Value>[], name: string, runner: TensorflowRunner): Value[] {
  if (!values.some((each) => each[name])) return [];
  return values.map((each) => each[name] ?? runner.number(1));
}
