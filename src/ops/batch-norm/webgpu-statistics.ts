/** Sums over the rows of [rows, channels], in two launches: pieces of rows, then the pieces of a channel by a workgroup of its own. */
import type { TensorInfo } from '@tensorflow/tfjs-core';
import { entry, forEach, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { TEAM } from '../../backends/webgpu/workgroup-sum.js';
import type { Named } from '../../kernels.js';
import { type BatchNormGeometry, unbiasing } from './geometry.js';

/** Threads that keep a GPU busy. */
const ENOUGH = 32768;

/** How the rows are cut: by sizes alone. */
function pieces({ rows, channels }: BatchNormGeometry): { count: number; pieceRows: number } {
  const wanted = Math.max(1, Math.min(Math.ceil(ENOUGH / channels), Math.ceil(rows / 16)));
  const pieceRows = Math.ceil(rows / wanted);
  return { count: Math.ceil(rows / pieceRows), pieceRows };
}

const pieceUniforms = { size: 'u32', rows: 'u32', channels: 'u32', pieceRows: 'u32', epsilon: 'f32' } as const;

/** Rows [first, end) of channel c. */
const PIECE = `  let c = i % u.channels;
  let first = i / u.channels * u.pieceRows;
  let end = min(first + u.pieceRows, u.rows);`;

/** One thread computes mean and squared deviations of a channel in a piece, in two passes. */
const pieceStatistics = (): Program => ({
  reads: { x: 'f32' },
  writes: { parts: 'vec4<f32>' },
  uniforms: pieceUniforms,
  text: forEach(
    'u.size',
    `${PIECE}
  var sum = 0.0;
  for (var row = first; row < end; row++) { sum += x[row * u.channels + c]; }
  let count = f32(end - first);
  let mean = sum / count;
  var squares = 0.0;
  for (var row = first; row < end; row++) {
    let d = x[row * u.channels + c] - mean;
    squares += d * d;
  }
  parts[i] = vec4<f32>(count, mean, squares, 0.0);`,
  ),
});

/** Chan, Golub and LeVeque's way to put together the statistics (count, mean, squared deviations) of two samples. */
const COMBINE = `
fn combined(a: vec4<f32>, b: vec4<f32>) -> vec4<f32> {
  if (b.x == 0.0) { return a; }
  if (a.x == 0.0) { return b; }
  let count = a.x + b.x;
  let apart = b.y - a.y;
  return vec4<f32>(count, a.y + apart * b.x / count, a.z + b.z + apart * apart * a.x * b.x / count, 0.0);
}`;

const joinStatistics = (running: string[]): Program => ({
  reads: { parts: 'vec4<f32>', ...Object.fromEntries(running.map((name) => [name, 'f32' as const])) },
  writes: { mean: 'f32', variance: 'f32', newMean: 'f32', newVariance: 'f32' },
  uniforms: { count: 'u32', channels: 'u32', momentum: 'f32', unbiasing: 'f32' },
  teams: { team: { type: 'vec4<f32>', combine: 'combined(a, b)' } },
  text: `${COMBINE}
${entry(
  TEAM,
  'u.channels',
  `  var own = vec4<f32>();
  for (var piece = local; piece < u.count; piece += ${TEAM}u) { own = combined(own, parts[piece * u.channels + group]); }
  let all = team(local, own);
  if (local != 0u) { return; }
  let batchVariance = all.z / all.x;
  mean[group] = all.y;
  variance[group] = batchVariance;
  newMean[group] = ${running.includes('runningMean') ? '(1.0 - u.momentum) * runningMean[group] + u.momentum * all.y' : 'all.y'};
  newVariance[group] = ${
    running.includes('runningVariance')
      ? '(1.0 - u.momentum) * runningVariance[group] + u.momentum * u.unbiasing * batchVariance'
      : 'u.unbiasing * batchVariance'
  };`,
)}`,
});

/** Mean and variance of the batch, and the running ones. */
export function statistics(
  runner: WebgpuRunner,
  { x, runningMean, runningVariance }: Named<TensorInfo>,
  g: BatchNormGeometry,
): [mean: TensorInfo, variance: TensorInfo, newMean: TensorInfo, newVariance: TensorInfo] {
  const { rows, channels, epsilon, momentum } = g;
  const { count, pieceRows } = pieces(g);
  const size = count * channels;
  const [mean, variance, newMean, newVariance] = Array.from({ length: 4 }, () => runner.output([channels])) as [
    TensorInfo,
    TensorInfo,
    TensorInfo,
    TensorInfo,
  ];
  const running = [...(runningMean ? ['runningMean'] : []), ...(runningVariance ? ['runningVariance'] : [])];
  runner.withScratch(4 * size, (parts) => {
    const first = runner.program('batchNorm statistics', '', g, pieceStatistics);
    runner.launchForEach(first, { x, parts }, { size, rows, channels, pieceRows, epsilon }, size);
    const second = runner.program('batchNorm statistics', `joined ${running}`, g, () => joinStatistics(running));
    const tensors = { parts, runningMean, runningVariance, mean, variance, newMean, newVariance };
    runner.launch(second, tensors, { count, channels, momentum, unbiasing: unbiasing(g) }, channels);
  });
  return [mean, variance, newMean, newVariance];
}

/** What the kernels of the backward pass read beside dy and x. */
export function vectorReads({ gamma, beta }: Named<TensorInfo>): Record<string, 'f32'> {
  return { ...(gamma && { gamma: 'f32' }), ...(beta && { beta: 'f32' }), mean: 'f32', variance: 'f32' };
}

/** WGSL functions: xhat, and the value before the activation; channel c. */
export function normalText(vectors: readonly string[]): string {
  return `
fn normal(v: f32, c: u32) -> f32 { return (v - mean[c]) * inverseSqrt(variance[c] + u.epsilon); }
fn affine(n: f32, c: u32) -> f32 {
  return ${vectors.includes('gamma') ? 'gamma[c] * n' : 'n'}${vectors.includes('beta') ? ' + beta[c]' : ''};
}`;
}

/** WGSL: dz, what dy is before the activation, and the normal value `n` of element at. */
export function gradientText(relu: boolean): string {
  return `let n = normal(x[at], c);
    let dz = ${relu ? 'select(dy[at], 0.0, affine(n, c) <= 0.0)' : 'dy[at]'};`;
}

const pieceGradients = (reads: Record<string, 'f32'>, relu: boolean): Program => ({
  reads: { dy: 'f32', x: 'f32', ...reads },
  writes: { parts: 'f32' },
  uniforms: pieceUniforms,
  text: `${normalText(Object.keys(reads))}
${forEach(
  'u.size',
  `${PIECE}
  var sum = 0.0;
  var weighed = 0.0;
  for (var row = first; row < end; row++) {
    let at = row * u.channels + c;
    ${gradientText(relu)}
    sum += dz;
    weighed += dz * n;
  }
  parts[2u * i] = sum;
  parts[2u * i + 1u] = weighed;`,
)}`,
});

const joinGradients = (): Program => ({
  reads: { parts: 'f32' },
  writes: { dgamma: 'f32', dbeta: 'f32', both: 'f32' },
  uniforms: { count: 'u32', channels: 'u32' },
  teams: { team: { type: 'vec2<f32>', combine: 'a + b' } },
  text: `${entry(
    TEAM,
    'u.channels',
    `  var own = vec2<f32>();
  for (var piece = local; piece < u.count; piece += ${TEAM}u) {
    let at = 2u * (piece * u.channels + group);
    own += vec2<f32>(parts[at], parts[at + 1u]);
  }
  let all = team(local, own);
  if (local != 0u) { return; }
  dbeta[group] = all.x;
  dgamma[group] = all.y;
  both[2u * group] = all.x;
  both[2u * group + 1u] = all.y;`,
  )}`,
});

/** dgamma and dbeta: sums of dz xhat and of dz; `both` has them side by side, dbeta first, for a program that has too many buffers. */
export function gradientSums(
  runner: WebgpuRunner,
  inputs: Named<TensorInfo>,
  g: BatchNormGeometry,
): [dgamma: TensorInfo, dbeta: TensorInfo, both: TensorInfo] {
  const { rows, channels, epsilon, activation } = g;
  const { count, pieceRows } = pieces(g);
  const size = count * channels;
  const reads = vectorReads(inputs);
  const [dgamma, dbeta, both] = [runner.output([channels]), runner.output([channels]), runner.output([2 * channels])];
  runner.withScratch(2 * size, (parts) => {
    const variant = `${activation} ${Object.keys(reads)}`;
    const first = runner.program('batchNorm gradients', variant, g, () => pieceGradients(reads, activation === 'relu'));
    runner.launchForEach(first, { ...inputs, parts }, { size, rows, channels, pieceRows, epsilon }, size);
    const second = runner.program('batchNorm gradients', 'joined', g, joinGradients);
    runner.launch(second, { parts, dgamma, dbeta, both }, { count, channels }, channels);
  });
  return [dgamma, dbeta, both];
}
