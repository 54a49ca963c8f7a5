import type { TensorInfo } from '@tensorflow/tfjs-core';
import { gather } from '../../backends/webgl/gather.js';
import { half } from '../../backends/webgl/layout.js';
import type { WebglRunner } from '../../backends/webgl/runner.js';
import type { FusedActivation } from '../activation/fused.js';
import { activateCode } from '../activation/webgl-fused.js';

/** c = act(a b + bias) for a batch of matrices; a is [m, k] or transposed [k, m], b [k, n] or [n, k]. */
export interface WebglGemm {
  readonly name: string;
  readonly geometry: object;
  readonly a: TensorInfo;
  readonly b: TensorInfo;
  /** One number a column. */
  readonly bias?: TensorInfo | undefined;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
  readonly activation?: FusedActivation;
  readonly batch?: number;
  /** Whether one a, or b, serves the whole batch. */
  readonly oneA?: boolean;
  readonly oneB?: boolean;
}

/** Fragments that keep a GPU busy, and the shortest sum that is worth being cut. */
const FRAGMENTS = 2048;
const LEAST_PAIRS = 64;

/** Texels of a tile, and the parts a sum is cut into where there are few tiles. */
interface Plan {
  readonly rows: number;
  readonly columns: number;
  readonly slices: number;
  readonly slicePairs: number;
}

function planOf({ m, n, k, batch = 1 }: WebglGemm, most: number): Plan {
  let rows = Math.min(2, half(m));
  let columns = Math.min(most / rows, 2 ** Math.ceil(Math.log2(half(n))), 4);
  const fragments = () => batch * Math.ceil(half(m) / rows) * Math.ceil(half(n) / columns);
  while (rows * columns > 1 && fragments() < FRAGMENTS) {
    if (columns >= rows) columns /= 2;
    else rows /= 2;
  }
  const pairs = Math.floor(k / 2);
  const wanted = Math.max(1, Math.min(Math.round(FRAGMENTS / fragments()), Math.floor(pairs / LEAST_PAIRS)));
  const slicePairs = Math.ceil(pairs / wanted);
  return { rows, columns, slicePairs, slices: pairs > 0 ? Math.ceil(pairs / slicePairs) : 1 };
}

/** What a texel of a holds of its first and second k, for (m0, m0, m1, m1); of b for (n0, n1, n0, n1). */
const ofA = (transposed: boolean): [string, string] => (transposed ? ['xxyy', 'zzww'] : ['xxzz', 'yyww']);
const ofB = (transposed: boolean): [string, string] => (transposed ? ['xzxz', 'ywyw'] : ['xyxy', 'zwzw']);

function code(gemm: WebglGemm, { rows, columns, slices }: Plan): string {
  const { transposeA = false, transposeB = false, k, bias, activation = 'linear' } = gemm;
  const is = Array.from({ length: rows }, (_, i) => i);
  const js = Array.from({ length: columns }, (_, j) => j);
  const [a0, a1] = ofA(transposeA);
  const [b0, b1] = ofB(transposeB);
  const at = (p: string) => ({
    a: (i: number) => (transposeA ? `a(aStart + (${p}) * mTexels + m${i})` : `a(aStart + m${i} * kTexels + ${p})`),
    b: (j: number) => (transposeB ? `b(bStart + n${j} * kTexels + ${p})` : `b(bStart + (${p}) * nTexels + n${j})`),
  });
  const products = (second: boolean) =>
    is.flatMap((i) => js.map((j) => `acc${i}_${j} += a${i}.${a0} * b${j}.${b0}${second ? ` + a${i}.${a1} * b${j}.${b1}` : ''};`));
  const turn = (p: string, second: boolean) => [
    ...is.map((i) => `vec4 a${i} = ${at(p).a(i)};`),
    ...js.map((j) => `vec4 b${j} = ${at(p).b(j)};`),
    ...products(second),
  ];
  // What is gathered afterwards is finished there.
  const alone = rows * columns * slices === 1;
  return [
    activateCode(alone ? activation : 'linear'),
    'void compute(int texel) {',
    `  int rest = quotient(texel, nTiles), n0 = (texel - rest * nTiles) * ${columns};`,
    `  int next = quotient(rest, mTiles), m0 = (rest - next * mTiles) * ${rows};`,
    '  int slice = quotient(next, batch), matrix = next - slice * batch;',
    ...is.slice(1).map((i) => `  int m${i} = min(m0 + ${i}, mTexels - 1);`),
    ...js.slice(1).map((j) => `  int n${j} = min(n0 + ${j}, nTexels - 1);`),
    '  int aStart = matrix * aTexels, bStart = matrix * bTexels;',
    ...is.flatMap((i) => js.map((j) => `  vec4 acc${i}_${j} = vec4(0);`)),
    '  int end = min((slice + 1) * slicePairs, pairs);',
    `  for (int p = slice * slicePairs; p < end; p++) {\n${turn('p', true).join('\n')}\n  }`,
    k % 2 === 1 ? `  if (end == pairs) {\n${turn('pairs', false).join('\n')}\n  }` : '',
    ...is.flatMap((i) =>
      js.map((j) => `  out${i * columns + j} = activate(acc${i}_${j}${alone && bias ? ' + bias(n0).xyxy' : ''});`),
    ),
    '}',
  ].join('\n');
}

/** Runs it. Tiles of a and b are read from packed textures as they lie, transposed or not. */
export function gemm(runner: WebglRunner, product: WebglGemm): TensorInfo {
  const { name, geometry, a, b, bias, m, n, k, transposeA = false, transposeB = false, activation, batch = 1 } = product;
  const plan = planOf(product, runner.attachments);
  const { rows, columns, slices, slicePairs } = plan;
  const alone = rows * columns * slices === 1;
  const [mTexels, nTexels, kTexels] = [half(m), half(n), half(k)];
  const [mTiles, nTiles] = [Math.ceil(mTexels / rows), Math.ceil(nTexels / columns)];
  const shape = [batch, m, n];
  const parts = runner.run({
    name,
    geometry,
    variant: [rows, columns, alone, transposeA, transposeB, k % 2, alone && activation].join(' '),
    code: () => code(product, plan),
    inputs: { a, b, ...(alone && bias && { bias }) },
    ints: {
      mTexels,
      nTexels,
      kTexels,
      mTiles,
      nTiles,
      batch,
      aTexels: product.oneA ? 0 : mTexels * kTexels,
      bTexels: product.oneB ? 0 : nTexels * kTexels,
      pairs: Math.floor(k / 2),
      slicePairs,
    },
    outputs: alone ? [shape] : Array.from({ length: rows * columns }, () => [slices * batch * mTiles * nTiles, 2, 2]),
  });
  if (alone) return parts[0]!;
  return gather(runner, { name, geometry, rows, columns, slices, bias, ...(activation && { activation }) }, parts, shape);
}
