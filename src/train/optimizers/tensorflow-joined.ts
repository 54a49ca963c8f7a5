import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { JoinedCall } from '../../backends/kernel-host.js';
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
    const outputs = runner.compose(named(calls), (values) => {
      const all = (name: string) => calls.map((_, i) => values[`${i} ${name}`]!);
      const scalars = (name: string) => someScalars(calls, values, name, runner);
      const rows = calls.map(({ geometry }) => [...common(geometry as Geometry), ...numbers(geometry as Geometry)]);
      const table = runner.numbers([rows.length, rows[0]!.length], Float32Array.from(rows.flat()));
      const [scales, trusts] = [scalars('scale'), scalars('trust')];
      const inputs = [...all('value'), ...all('gradient'), ...slots.flatMap(all), table, ...scales, ...trusts];
      const counts = { N: calls.length, M: slots.length * calls.length, S: scales.length, T: trusts.length };
      const attributes = Object.entries(counts).map(([name, count]) => runner.int(name, count));
      return runner.ops(op, inputs, (1 + slots.length) * calls.length, attributes);
    })!;
    return calls.map((_, i) => outputs.filter((_output, at) => at % calls.length === i));
  };
}

/** All calls' inputs under one name each. */
function named(calls: readonly JoinedCall[]): Named<TensorInfo> {
  return Object.fromEntries(
    calls.flatMap(({ inputs }, i) => Object.entries(inputs).map(([name, tensor]) => [`${i} ${name}`, tensor])),
  );
}

/** A scalar a weight, 1 where it has none; none at all where no weight has one. */
function someScalars(calls: readonly JoinedCall[], values: Named<Value>, name: string, runner: TensorflowRunner): Value[] {
  if (!calls.some(({ inputs }) => inputs[name])) return [];
  return calls.map((_, i) => values[`${i} ${name}`] ?? runner.number(1));
}
