import type { OpAttribute } from '../../backends/tensorflow/binding.js';
import { composed } from '../../backends/tensorflow/composition.js';
import type { TensorflowRunner, Value } from '../../backends/tensorflow/runner.js';
import type { Named } from '../../kernels.js';
import type { BatchNormGeometry } from './geometry.js';

type Run = TensorflowRunner;
type Values = Named<Value>;

/** TensorFlow's op knows pictures only. */
const pictures = (run: Run, x: Value, g: BatchNormGeometry): Value =>
  run.reshape(x, g.shape.length === 4 ? g.shape : [g.rows, 1, 1, g.channels]);

const gammaOf = (run: Run, { gamma }: Values, g: BatchNormGeometry): Value => gamma ?? run.filled([g.channels], 1);
const betaOf = (run: Run, { beta }: Values, g: BatchNormGeometry): Value => beta ?? run.filled([g.channels], 0);

function attributes(run: Run, g: BatchNormGeometry, training: boolean): OpAttribute[] {
  return [run.float('epsilon', g.epsilon), run.flag('is_training', training)];
}

/** y with given statistics, before the activation. */
function normalized(run: Run, inputs: Values, g: BatchNormGeometry): Value {
  const { x, mean, variance } = inputs;
  const vectors = [gammaOf(run, inputs, g), betaOf(run, inputs, g), mean!, variance!];
  return run.ops('FusedBatchNormV3', [pictures(run, x!, g), ...vectors], 6, attributes(run, g, false))[0]!;
}

/** dy before the activation, as pictures; the mask of a fused relu is found again from x. */
function unfused(run: Run, inputs: Values, g: BatchNormGeometry): Value {
  const dy = pictures(run, inputs['dy']!, g);
  return g.activation === 'relu' ? run.op('ReluGrad', [dy, normalized(run, inputs, g)]) : dy;
}

/** dx, dgamma and dbeta of one op; on a GPU the batch's variance goes in as one over the deviation. */
function gradients(run: Run, inputs: Values, g: BatchNormGeometry, training: boolean): [Value, Value, Value] {
  const { x, mean, variance } = inputs;
  const spread = training && run.onGpu ? run.op('Rsqrt', [run.op('AddV2', [variance!, run.number(g.epsilon)])]) : variance!;
  const given = [unfused(run, inputs, g), pictures(run, x!, g), gammaOf(run, inputs, g), mean!, spread, run.filled([0], 0)];
  const [dx, dgamma, dbeta] = run.ops('FusedBatchNormGradV3', given, 5, attributes(run, g, training));
  return [dx!, dgamma!, dbeta!];
}

/** What a GPU keeps for the gradient is one over the deviation. */
function varianceOf(run: Run, inverseDeviation: Value, g: BatchNormGeometry): Value {
  return run.op('Sub', [run.op('Reciprocal', [run.op('Square', [inverseDeviation])]), run.number(g.epsilon)]);
}

/** running + momentum (batch - running), each a weighed part; the batch's own where there was none. */
function followed(run: Run, running: Value | undefined, batch: Value, momentum: number): Value {
  if (!running) return batch;
  return run.op('AddV2', [run.op('Mul', [running, run.number(1 - momentum)]), run.op('Mul', [batch, run.number(momentum)])]);
}

/** Batch normalisation by TensorFlow's fused ops. */
export const trainingTensorflow = composed<BatchNormGeometry>({
  forward(inputs, g, run) {
    const { runningMean, runningVariance } = inputs;
    // TensorFlow lets the statistics follow the unbiased variance itself.
    const follows = g.unbiased && runningMean !== undefined && runningVariance !== undefined && g.momentum < 1;
    const none = run.filled([0], 0);
    const vectors = [
      gammaOf(run, inputs, g),
      betaOf(run, inputs, g),
      follows ? runningMean : none,
      follows ? runningVariance : none,
    ];
    const options = attributes(run, g, true);
    if (follows) options.push(run.float('exponential_avg_factor', g.momentum));
    const [normal, newMean, newVariance, mean, kept] = run.ops(
      'FusedBatchNormV3',
      [pictures(run, inputs['x']!, g), ...vectors],
      6,
      options,
    ) as [Value, Value, Value, Value, Value];
    const variance = run.onGpu ? varianceOf(run, kept, g) : kept;
    const y = run.reshape(g.activation === 'relu' ? run.op('Relu', [normal]) : normal, g.shape);
    if (follows) return [y, mean, variance, newMean, newVariance];
    const batch = g.unbiased ? newVariance : variance;
    return [y, mean, variance, followed(run, runningMean, mean, g.momentum), followed(run, runningVariance, batch, g.momentum)];
  },

  dx(inputs, g, run) {
    const [dx, dgamma, dbeta] = gradients(run, inputs, g, true);
    return [run.reshape(dx, g.shape), dgamma, dbeta];
  },
});

export const inferenceTensorflow = composed<BatchNormGeometry>({
  forward(inputs, g, run) {
    const y = normalized(run, inputs, g);
    return [run.reshape(g.activation === 'relu' ? run.op('Relu', [y]) : y, g.shape)];
  },
  dx: (inputs, g, run) => [run.reshape(gradients(run, inputs, g, false)[0], g.shape)],
  dgamma: (inputs, g, run) => [gradients(run, inputs, g, false)[1]],
  dbeta: (inputs, g, run) => [run.op('BiasAddGrad', [unfused(run, inputs, g)])],
});
