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

/** Texels of a tile, and whether a fragment adds up all of a sum and writes it to its place. */
interface Plan {
  readonly rows: number;
  readonly columns: number;
  readonly alone: boolean;
}

function tilesOf({ m, n, batch = 1 }: WebglGemm, rows: number, columns: number): number {
  return batch * Math.ceil(half(m) / rows) * Math.ceil(half(n) / columns);
}

/** The batch of pictures is the rows of a, or, where it is transposed, what is added up. */
function planFor(runner: WebglRunner, gemm: WebglGemm): Plan {
  const { m, n, k, transposeA = false, transposeB = false, batch = 1 } = gemm;
  const [varying, ...fixed] = transposeA ? [k, m, n] : [m, n, k];
  return runner.planned(`gemm ${[transposeA, transposeB, batch, ...fixed]}`, varying!, () => planOf(gemm, runner.attachments));
}

function planOf(gemm: WebglGemm, most: number): Plan {
  const { m, n, k } = gemm;
  let rows = Math.min(2, half(m));
  let columns = Math.min(most / rows, 2 ** Math.ceil(Math.log2(half(n))), 4);
  while (rows * columns > 1 && tilesOf(gemm, rows, columns) < FRAGMENTS) {
    if (columns >= rows) columns /= 2;
    else rows /= 2;
  }
  return { rows, columns, alone: rows * columns === 1 && k < 4 * LEAST_PAIRS };
}

/** The parts a sum is cut into where there are few tiles, and pairs of k in each. */
function slicesOf(gemm: WebglGemm, { rows, columns, alone }: Plan): { slices: number; slicePairs: number } {
  const pairs = Math.floor(gemm.k / 2);
  const most = alone ? 1 : Math.min(Math.round(FRAGMENTS / tilesOf(gemm, rows, columns)), Math.floor(pairs / LEAST_PAIRS));
  const slicePairs = Math.max(1, Math.ceil(pairs / Math.max(1, most)));
  return { slicePairs, slices: Math.max(1, Math.ceil(pairs / slicePairs)) };
}

/** What a texel of a holds of its first and second k, for (m0, m0, m1, m1); of b for (n0, n1, n0, n1). */
const ofA = (transposed: boolean): [string, string] => (transposed ? ['xxyy', 'zzww'] : ['xxzz', 'yyww']);
const ofB = (transposed: boolean): [string, string] => (transposed ? ['xzxz', 'ywyw'] : ['xyxy', 'zwzw']);

/** Whether the sum may end in half a pair; where it is over the batch, another batch may. */
const mayBeOdd = ({ k, transposeA = false }: WebglGemm): boolean => transposeA || k % 2 === 1;

function code(gemm: WebglGemm, { rows, columns, alone }: Plan): string {
  const { transposeA = false, transposeB = false, bias, activation = 'linear' } = gemm;
  const is = Array.from({ length: rows }, (_, i) => i);
  const js = Array.from({ length: columns }, (_, j) => j);
  const [a0, a1] = ofA(transposeA);
  const [b0, b1] = ofB(transposeB);
  const at = (p: string) => ({
    a: (i: number) => (transposeA ? `a(aStart + (${p}) * mTexels + m${i})` : `a(aStart + m${i} * kTexels + ${p})`),
    b: (j: number) => (transposeB ? `b(bStart + n${j} * kTexels + ${p})` : `b(bStart + (${p}) * nTexels + n${j})`),
  });
  const products = (second: boolean) =>
    is.flatMap((i) =>
      js.map((j) => `acc${i}_${j} += left${i}.${a0} * right${j}.${b0}${second ? ` + left${i}.${a1} * right${j}.${b1}` : ''};`),
    );
  const turn = (p: string, second: boolean) => [
    ...is.map((i) => `vec4 left${i} = ${at(p).a(i)};`),
    ...js.map((j) => `vec4 right${j} = ${at(p).b(j)};`),
    ...products(second),
  ];
  return [
    // What is gathered afterwards is finished there.
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
    mayBeOdd(gemm) ? `  if (odd == 1 && end == pairs) {\n${turn('pairs', false).join('\n')}\n  }` : '',
    ...is.flatMap((i) =>
      js.map((j) => `  out${i * columns + j} = activate(acc${i}_${j}${alone && bias ? ' + bias(n0).xyxy' : ''});`),
    ),
    '}',
  ].join('\n');
}

/** Runs it. Tiles of a and b are read from packed textures as they lie, transposed or not. */
export function gemm(runner: WebglRunner, product: WebglGemm): TensorInfo {
  const { name, geometry, a, b, bias, m, n, k, transposeA = false, transposeB = false, activation, batch = 1 } = product;
  const plan = planFor(runner, product);
  const { rows, columns, alone } = plan;
  const { slices, slicePairs } = slicesOf(product, plan);
  const [mTexels, nTexels, kTexels] = [half(m), half(n), half(k)];
  const [mTiles, nTiles] = [Math.ceil(mTexels / rows), Math.ceil(nTexels / columns)];
  const shape = [batch, m, n];
  const parts = runner.run({
    name,
    geometry,
    variant: [rows, columns, alone, transposeA, transposeB, mayBeOdd(product), alone && activation].join(' '),
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
      odd: k & 1,
      slicePairs,
    },
    outputs: alone ? [shape] : Array.from({ length: rows * columns }, () => [slices * batch * mTiles * nTiles, 2, 2]),
  });
  if (alone) return parts[0]!;
  return gather(runner, { name, geometry, rows, columns, slices, bias, ...(activation && { activation }) }, parts, shape);
}
