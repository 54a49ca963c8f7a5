import type { TensorInfo } from '@tensorflow/tfjs-core';
import { forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import type { Named, Parts, RunnerKernel } from '../../kernels.js';
import type { BatchNormGeometry } from './geometry.js';
import { gradientSums, gradientText, normalText, statistics, vectorReads } from './webgpu-statistics.js';

type Kernels = Parts<RunnerKernel<BatchNormGeometry, WebgpuRunner>>;

const uniforms = { size: 'u32', channels: 'u32', epsilon: 'f32', rows: 'f32' } as const;

/** One thread normalises one element. */
const normalise = (reads: Record<string, 'f32'>, relu: boolean): Program => ({
  reads: { x: 'f32', ...reads },
  writes: { y: 'f32' },
  uniforms,
  text: `${normalText(Object.keys(reads))}
${forEach(
  'u.size',
  `  let c = i % u.channels;
  let z = affine(normal(x[i], c), c);
  y[i] = ${relu ? 'select(z, 0.0, z < 0.0)' : 'z'};`,
)}`,
});

/** One thread computes one element of dx; with given statistics these are constants, and the sums are not read. */
const dx = (reads: Record<string, 'f32'>, relu: boolean, training: boolean): Program => ({
  reads: { dy: 'f32', x: 'f32', ...reads, ...(training && { sums: 'f32' }) },
  writes: { dx: 'f32' },
  uniforms,
  text: `${normalText(Object.keys(reads))}
${forEach(
  'u.size',
  `  let at = i;
  let c = i % u.channels;
    ${gradientText(relu)}
  let centred = dz${training ? ' - (sums[2u * c] + n * sums[2u * c + 1u]) / u.rows' : ''};
  dx[i] = ${'gamma' in reads ? 'gamma[c] * ' : ''}inverseSqrt(variance[c] + u.epsilon) * centred;`,
)}`,
});

function numbersOf({ rows, channels, epsilon }: BatchNormGeometry) {
  return { size: rows * channels, channels, epsilon, rows };
}

function normalised(runner: WebgpuRunner, inputs: Named<TensorInfo>, g: BatchNormGeometry): TensorInfo {
  const y = runner.output(g.shape);
  const reads = vectorReads(inputs);
  const variant = `${g.activation} ${Object.keys(reads)}`;
  const program = runner.program('batchNorm forward', variant, g, () => normalise(reads, g.activation === 'relu'));
  runner.launchForEach(program, { ...inputs, y }, numbersOf(g), g.rows * g.channels);
  return y;
}

function inputGradient(runner: WebgpuRunner, inputs: Named<TensorInfo>, g: BatchNormGeometry, training: boolean): TensorInfo {
  const result = runner.output(g.shape);
  const reads = vectorReads(inputs);
  const variant = `${training ? 'training' : 'inference'} ${g.activation} ${Object.keys(reads)}`;
  const program = runner.program('batchNorm dx', variant, g, () => dx(reads, g.activation === 'relu', training));
  runner.launchForEach(program, { ...inputs, dx: result }, numbersOf(g), g.rows * g.channels);
  return result;
}

/** With the batch's statistics: three launches forward, three back. */
export const trainingWebgpu: Kernels = {
  forward(inputs, g, runner) {
    const [mean, variance, newMean, newVariance] = statistics(runner, inputs, g);
    return [normalised(runner, { ...inputs, mean, variance }, g), mean, variance, newMean, newVariance];
  },

  dx(inputs, g, runner) {
    const [dgamma, dbeta, sums] = gradientSums(runner, inputs, g);
    const result = inputGradient(runner, { ...inputs, sums }, g, true);
    runner.dispose(sums);
    return [result, dgamma, dbeta];
  },
};

/** One of the two sums; what was made with it is let go. */
function oneSum(which: 0 | 1): Kernels[string] {
  return (inputs, g, runner) => {
    const made = gradientSums(runner, inputs, g);
    const [wanted] = made.splice(which, 1);
    for (const other of made) runner.dispose(other);
    return [wanted!];
  };
}

/** With given statistics. */
export const inferenceWebgpu: Kernels = {
  forward: (inputs, g, runner) => [normalised(runner, inputs, g)],
  dx: (inputs, g, runner) => [inputGradient(runner, inputs, g, false)],
  dgamma: oneSum(0),
  dbeta: oneSum(1),
};
