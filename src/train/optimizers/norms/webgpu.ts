import type { TensorInfo } from '@tensorflow/tfjs-core';
import { type Element, entry, forEach, type Program } from '../../../backends/webgpu/program.js';
import type { WebgpuRunner } from '../../../backends/webgpu/runner.js';
import { TEAM, TOTAL } from '../../../backends/webgpu/workgroup-sum.js';
import type { Named, Parts, RunnerKernel } from '../../../kernels.js';
import { CLIPPED } from '../webgpu-update.js';
import { LEAST } from './kernels.js';
import type { ClipFactorGeometry, SquareSumGeometry, TrustRatioGeometry } from './norms.js';

/** Elements whose squares a workgroup adds up. */
const PIECE = 8192;

const teams = { total: TOTAL };

/** What goes into a sum of squares beside x. */
interface SquaresOf {
  /** Of the elements, after `scale`; default: none. */
  readonly clip?: number;
  readonly scale?: TensorInfo;
  /** Added to the sum of the only piece. */
  readonly before?: TensorInfo;
}

/** A workgroup adds up the squares of a piece of x, each scaled and clipped before. */
const squares = (T: Element, { scale, before }: SquaresOf): Program => ({
  reads: { x: T, ...(scale && { scale: 'f32' }), ...(before && { before: 'f32' }) },
  writes: { parts: 'f32' },
  uniforms: { size: 'u32', piece: 'u32', pieces: 'u32', clip: 'f32' },
  teams,
  text: `alias T = ${T};
${entry(
  TEAM,
  'u.pieces',
  `  var sum = T();
  for (var i = group * u.piece + local; i < min((group + 1u) * u.piece, u.size); i += ${TEAM}u) {
    let scaled = x[i]${scale ? ' * scale[0]' : ''};
    let v = ${CLIPPED};
    sum = fma(v, v, sum);
  }
  let all = total(local, ${T === 'f32' ? 'sum' : 'dot(sum, T(1.0))'});
  if (local == 0u) { parts[group] = all${before ? ' + before[0]' : ''}; }`,
)}`,
});

/** Sums of squares of the pieces of x. @param shape default: a line of them */
function squaresOf(runner: WebgpuRunner, x: TensorInfo, size: number, more: SquaresOf = {}, shape?: number[]): TensorInfo {
  const { clip = Infinity, scale, before } = more;
  const T: Element = size % 4 === 0 ? 'vec4<f32>' : 'f32';
  const pieces = Math.max(1, Math.ceil(size / PIECE));
  const parts = runner.output(shape ?? [pieces]);
  const variant = `${T} ${scale ? 'scaled' : ''} ${before ? 'before' : ''}`.trim();
  const compiled = runner.program('squares', variant, { size }, () => squares(T, more));
  const unit = T === 'f32' ? 1 : 4;
  runner.launch(compiled, { x, scale, before, parts }, { size: size / unit, piece: PIECE / unit, pieces, clip }, pieces);
  return parts;
}

/** What becomes of sums of squares. */
interface Ending {
  /** By name; given up. */
  readonly sums: Named<TensorInfo>;
  /** What else is read. */
  readonly read?: Named<TensorInfo>;
  readonly numbers?: Readonly<Record<string, number>>;
  /** WGSL of the result; the sum of `x` is all_x. */
  readonly text: string;
}

/** One workgroup adds up what `sums` names, each a line of so many numbers, and makes of it one number. */
function ofSums(runner: WebgpuRunner, name: string, g: object, { sums, read = {}, numbers = {}, text }: Ending): TensorInfo {
  const result = runner.output([]);
  const names = Object.keys(sums);
  const floats = (keys: string[]) => Object.fromEntries(keys.map((key) => [key, 'f32' as const]));
  const compiled = runner.program(name, Object.keys(read).join(), g, () => ({
    reads: floats([...names, ...Object.keys(read)]),
    writes: { result: 'f32' },
    uniforms: { ...floats(Object.keys(numbers)), ...Object.fromEntries(names.map((each) => [`${each}Size`, 'u32'])) },
    teams,
    text: entry(
      TEAM,
      '1u',
      `${names
        .map(
          (each) => `  var own_${each} = 0.0;
  for (var i = local; i < u.${each}Size; i += ${TEAM}u) { own_${each} += ${each}[i]; }
  let all_${each} = total(local, own_${each});`,
        )
        .join('\n')}
  if (local == 0u) { result[0] = ${text}; }`,
    ),
  }));
  const lengths = Object.fromEntries(names.map((each) => [`${each}Size`, sums[each]!.shape[0]!]));
  runner.launch(compiled, { ...sums, ...read, result }, { ...numbers, ...lengths }, 1);
  for (const parts of Object.values(sums)) runner.dispose(parts);
  return result;
}

export const squareSumWebgpu: Parts<RunnerKernel<SquareSumGeometry, WebgpuRunner>> = {
  forward({ x, before }, g, runner) {
    // Most weights are one piece.
    if (g.size <= PIECE) return [squaresOf(runner, x!, g.size, { before }, [])];
    const read = before && { before };
    const text = `all_x${before ? ' + before[0]' : ''}`;
    return [ofSums(runner, 'squareSum', g, { sums: { x: squaresOf(runner, x!, g.size) }, read, text })];
  },
};

export const trustRatioWebgpu: Parts<RunnerKernel<TrustRatioGeometry, WebgpuRunner>> = {
  forward({ value, gradient, scale }, g, runner) {
    const { size, clip, coefficient, weightDecay, epsilon } = g;
    return [
      ofSums(runner, 'trustRatio', g, {
        sums: { value: squaresOf(runner, value!, size), gradient: squaresOf(runner, gradient!, size, { clip, scale }) },
        numbers: { coefficient, weightDecay, epsilon },
        text: `select(1.0, u.coefficient * sqrt(all_value) / (sqrt(all_gradient) + u.weightDecay * sqrt(all_value) + u.epsilon),
    all_value > 0.0 && all_gradient > 0.0)`,
      }),
    ];
  },
};

/** Two numbers of one. NaN is not above 1, and stays. */
const factor = (): Program => ({
  reads: { sum: 'f32' },
  writes: { norm: 'f32', factor: 'f32' },
  uniforms: { size: 'u32', most: 'f32', least: 'f32' },
  text: forEach(
    'u.size',
    `  let root = sqrt(sum[0]);
  let wanted = u.most / (root + u.least);
  norm[0] = root;
  factor[0] = select(wanted, 1.0, wanted > 1.0);`,
  ),
});

export const clipFactorWebgpu: Parts<RunnerKernel<ClipFactorGeometry, WebgpuRunner>> = {
  forward({ sum }, g, runner) {
    const made = { norm: runner.output([]), factor: runner.output([]) };
    const numbers = { size: 1, most: g.most, least: LEAST };
    runner.launchForEach(runner.program('clipFactor', '', g, factor), { sum, ...made }, numbers, 1);
    return [made.norm, made.factor];
  },
};
