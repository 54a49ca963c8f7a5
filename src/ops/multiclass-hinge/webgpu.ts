import { entry, type Program } from '../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../backends/webgpu/runner.js';
import { TEAM, type Team, TOTAL } from '../../backends/webgpu/workgroup-sum.js';
import type { Parts, RunnerKernel } from '../../kernels.js';
import { rowWeight } from '../loss/geometry.js';
import { overClasses, reducedLosses } from '../loss/webgpu.js';
import type { MulticlassHingeGeometry } from './multiclass-hinge.js';

const uniforms = { batch: 'u32', classes: 'u32', margin: 'f32', factor: 'f32', nan: 'f32' } as const;

/** The larger of two (label, class), of equals the one with the lower class. */
const FIRST: Team = { type: 'vec2<f32>', combine: 'select(a, b, b.x > a.x || (b.x == a.x && b.y < a.y))' };

/** `k`, the class of the row, -1 where its index does not exist; `own`, its logit; and lead(z), by how much z comes too near to it. */
const classText = (indexed: boolean): string => `
${
  indexed
    ? `  let wanted = labels[group];
  let k = select(-1, i32(wanted), wanted >= 0.0 && wanted < f32(u.classes));`
    : `  var best = vec2<f32>(labels[group * u.classes], 0.0);
${overClasses('if (labels[at] > best.x) { best = vec2<f32>(labels[at], f32(c)); }')}
  let k = i32(first(local, best).y);`
}
  let own = logits[group * u.classes + u32(max(k, 0))];`;

const LEAD = '\nfn lead(z: f32, own: f32) -> f32 { return u.margin + (z - own); }\n';

function program(indexed: boolean, reads: readonly string[], writes: string, body: string): Program {
  return {
    reads: Object.fromEntries(reads.map((name) => [name, 'f32' as const])),
    writes: { [writes]: 'f32' },
    uniforms,
    teams: { total: TOTAL, ...(!indexed && { first: FIRST }) },
    text: `${LEAD}${entry(TEAM, 'u.batch', `${classText(indexed)}\n${body}`)}`,
  };
}

/** A workgroup computes the loss of one row. NaN is not below 0, and stays. */
const forward = (indexed: boolean): Program =>
  program(
    indexed,
    ['logits', 'labels'],
    'losses',
    `  var terms = 0.0;
${overClasses(`let term = lead(logits[at], own);
    if (i32(c) != k) { terms += select(term, 0.0, term <= 0.0); }`)}
  let loss = total(local, terms);
  if (local == 0u) { losses[group] = select(loss * u.factor, u.nan, k < 0); }`,
  );

/** A workgroup computes the gradients of one row. */
const dlogits = (indexed: boolean, each: boolean): Program =>
  program(
    indexed,
    ['dy', 'logits', 'labels'],
    'dlogits',
    `  let gradient = select(dy[${each ? 'group' : '0'}] * u.factor, u.nan, k < 0);
  var violated = 0.0;
${overClasses(`if (i32(c) == k) { continue; }
    let violates = lead(logits[at], own) > 0.0;
    violated += select(0.0, 1.0, violates);
    dlogits[at] = select(0.0, gradient, violates || k < 0);`)}
  let violations = total(local, violated);
  if (i32(local) == k % ${TEAM}) { dlogits[group * u.classes + u32(k)] = -gradient * violations; }`,
  );

const numbersOf = (g: MulticlassHingeGeometry) => ({
  ...{ batch: g.batch, classes: g.classes, margin: g.margin, factor: rowWeight(g), nan: NaN },
});

export const webgpu: Parts<RunnerKernel<MulticlassHingeGeometry, WebgpuRunner>> = {
  forward({ logits, labels }, g, runner) {
    const losses = runner.output([g.batch]);
    const compiled = runner.program('multiclassHinge forward', g.indexed ? 'indexed' : '', g, () => forward(g.indexed));
    runner.launch(compiled, { logits, labels, losses }, numbersOf(g), g.batch);
    return [reducedLosses(runner, losses, g)];
  },

  dlogits({ dy, logits, labels }, g, runner) {
    const result = runner.output([g.batch, g.classes]);
    const each = g.reduction === 'none';
    const variant = `${g.indexed ? 'indexed' : ''} ${each ? 'each' : ''}`;
    const compiled = runner.program('multiclassHinge dlogits', variant, g, () => dlogits(g.indexed, each));
    runner.launch(compiled, { dy, logits, labels, dlogits: result }, numbersOf(g), g.batch);
    return [result];
  },
};
