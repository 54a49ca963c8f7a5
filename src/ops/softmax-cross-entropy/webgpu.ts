import { entry, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { LARGEST, TEAM, TOTAL } from '../../backends/webgpu/workgroup-sum.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { overClasses, reducedLosses } from '../loss/webgpu.js';
import type { SoftmaxCrossEntropyGeometry } from './softmax-cross-entropy.js';

const uniforms = { batch: 'u32', classes: 'u32', smoothing: 'f32', factor: 'f32', nan: 'f32' } as const;

/** The smoothed label of class c in a row, as the reference has it. */
const labelText = (indexed: boolean): string =>
  indexed
    ? `
fn label(row: u32, c: u32) -> f32 {
  let wanted = labels[row];
  if (!(wanted >= 0.0 && wanted < f32(u.classes))) { return u.nan; }
  return (1.0 - u.smoothing) * select(0.0, 1.0, wanted == f32(c)) + u.smoothing / f32(u.classes);
}`
    : `
fn label(row: u32, c: u32) -> f32 {
  return (1.0 - u.smoothing) * labels[row * u.classes + c] + u.smoothing / f32(u.classes);
}`;

const factorText = (weighed: boolean): string => `u.factor${weighed ? ' * weights[group]' : ''}`;

/** A workgroup computes the loss of one row. */
const forward = (indexed: boolean, weighed: boolean): Program => ({
  reads: { logits: 'f32', labels: 'f32', ...(weighed && { weights: 'f32' }) },
  writes: { losses: 'f32', probabilities: 'f32' },
  uniforms,
  teams: { largest: LARGEST, total: TOTAL },
  text: `${labelText(indexed)}
${entry(
  TEAM,
  'u.batch',
  `  var own = logits[group * u.classes];
${overClasses('own = select(own, logits[at], logits[at] > own);')}
  let most = largest(local, own);
  var ownSum = 0.0;
${overClasses(`let e = exp(logits[at] - most);
    probabilities[at] = e;
    ownSum += e;`)}
  let sum = total(local, ownSum);
  let logSum = log(sum);
  var ownLoss = 0.0;
${overClasses(`probabilities[at] = probabilities[at] / sum;
    let q = label(group, c);
    // A class of probability 0 that nobody wants costs nothing.
    if (q != 0.0) { ownLoss += q * (logSum - (logits[at] - most)); }`)}
  let loss = total(local, ownLoss);
  if (local == 0u) { losses[group] = select(u.nan, loss * ${factorText(weighed)}, sum > 0.0); }`,
)}`,
});

/** A workgroup computes the gradients of one row. */
const dlogits = (indexed: boolean, weighed: boolean, each: boolean): Program => ({
  reads: { dy: 'f32', labels: 'f32', ...(weighed && { weights: 'f32' }), probabilities: 'f32' },
  writes: { dlogits: 'f32' },
  uniforms,
  teams: { total: TOTAL },
  text: `${labelText(indexed)}
${entry(
  TEAM,
  'u.batch',
  `  var own = 0.0;
${overClasses('own += label(group, c);')}
  let wanted = total(local, own);
  let gradient = dy[${each ? 'group' : '0'}] * ${factorText(weighed)};
${overClasses('dlogits[at] = gradient * (probabilities[at] * wanted - label(group, c));')}`,
)}`,
});

function numbersOf(g: SoftmaxCrossEntropyGeometry) {
  return { batch: g.batch, classes: g.classes, smoothing: g.labelSmoothing, factor: rowWeight(g), nan: NaN };
}

export const webgpu: Parts<RunnerKernel<SoftmaxCrossEntropyGeometry, WebgpuRunner>> = {
  forward({ logits, labels, weights }, g, runner) {
    const probabilities = runner.output([g.batch, g.classes]);
    const variant = `${g.indexed ? 'indexed' : ''} ${weights ? 'weighed' : ''}`;
    const program = runner.program('softmaxCrossEntropy forward', variant, g, () => forward(g.indexed, !!weights));
    const losses = runner.output([g.batch]);
    runner.launch(program, { logits, labels, weights, losses, probabilities }, numbersOf(g), g.batch);
    return [reducedLosses(runner, losses, g), probabilities];
  },

  dlogits({ dy, labels, weights, probabilities }, g, runner) {
    const result = runner.output([g.batch, g.classes]);
    const each = g.reduction === 'none';
    const variant = `${g.indexed ? 'indexed' : ''} ${weights ? 'weighed' : ''} ${each ? 'each' : ''}`;
    const program = runner.program('softmaxCrossEntropy dlogits', variant, g, () => dlogits(g.indexed, !!weights, each));
    runner.launch(program, { dy, labels, weights, probabilities, dlogits: result }, numbersOf(g), g.batch);
    return [result];
  },
};
