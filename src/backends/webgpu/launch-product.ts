import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../ops/activation/fused.js';
import { fusedText } from '../../ops/activation/webgpu-functions.js';
import { type FactorFormat, factorFormat } from './factor-format.js';
import type { Program } from './program.js';
import { sumSlices } from './reduction.js';
import type { WebgpuRunner } from './runner.js';
import { type Operand, productGroups, productUniforms, tiledProduct } from './tiled-product.js';
import { type Tile, tileName } from './tiles.js';

/** A tensor as a factor. */
export interface Factor {
  /** Of its buffer in the operand's WGSL. */
  readonly name: string;
  readonly tensor: TensorInfo;
  /** Whether it is read in fours. */
  readonly wide: boolean;
  readonly operand: Operand;
}

/** Numbers of one launch: the sizes of the product, and what operands and place need. */
export type ProductNumbers = Readonly<Record<keyof Omit<typeof productUniforms, 'sliceSize'> | string, number>>;

/** A product of matrices, or several into one result. */
export interface Product {
  /** Op and part. */
  readonly name: string;
  /** Tells programs apart that differ in more than tile, widths and end. */
  readonly variant?: string;
  readonly geometry: object;
  readonly tile: Tile;
  readonly a: Factor;
  readonly b: Factor;
  /** Of the result. */
  readonly shape: number[];
  /** Whether it is stored in fours. */
  readonly wide: boolean;
  /** WGSL: index of the first column of row m in matrix z. */
  readonly place: string;
  /** Uniforms beside those of every product. */
  readonly uniforms: Program['uniforms'];
  readonly launches: readonly Readonly<Record<string, number>>[];
  /** Whether the depth may be cut; then so are all calls of this kind, be it into one piece. */
  readonly cut: boolean;
  /** What happens to a sum before it is stored; the bias has one number a column of all matrices side by side, or of each. */
  readonly end?: { readonly bias?: TensorInfo; readonly activation: FusedActivation; readonly sameBias?: boolean };
}

function programOf({ tile, a, b, wide, place, uniforms, cut, end }: Product, format: FactorFormat): Program {
  const bias = !cut && end?.bias;
  const at = end?.sameBias ? 'n' : 'z * u.columns + n';
  const four = wide ? `bias[(${at}) / 4u]` : `vec4<f32>(${[0, 1, 2, 3].map((i) => `bias[${at} + ${i}u]`).join(', ')})`;
  const element = (inFours: boolean) => (inFours ? 'vec4<f32>' : 'f32');
  return {
    reads: {
      [a.name]: element(a.wide),
      [b.name]: element(b.wide),
      ...(bias && { bias: element(wide) }),
    },
    writes: { result: element(wide) },
    uniforms: { ...productUniforms, ...uniforms },
    enables: format.enables,
    text: `${fusedText('vec4<f32>', (!cut && end?.activation) || 'linear')}
${tiledProduct(
  tile,
  a.operand,
  b.operand,
  { buffer: 'result', wide, place: () => place, finish: (v) => `fused(${v}${bias ? ` + ${four}` : ''})` },
  format,
)}`,
  };
}

/** Runs it, in slices and their sum where it is cut; gives the result. */
export function launchProduct(runner: WebgpuRunner, product: Product): [TensorInfo] {
  const { name, variant = '', geometry, tile, a, b, shape, wide, launches, cut, end } = product;
  const ending = cut ? 'cut' : `${end?.activation ?? 'linear'}${end?.bias ? ' bias' : ''}`;
  const widths = [a.wide, b.wide, wide].map(Number).join('');
  const format = factorFormat(runner.shaderF16);
  const text = `${variant} ${tileName(tile)} ${widths} ${ending} ${format.name}`;
  const program = runner.program(name, text, geometry, () => programOf(product, format));
  const size = shape.reduce((product, length) => product * length, 1);
  const result = runner.output(shape);
  const run = (into: TensorInfo, numbers: Readonly<Record<string, number>>): void => {
    const sizes = numbers as { rows: number; columns: number; slices: number; matrices: number };
    const tensors = { [a.name]: a.tensor, [b.name]: b.tensor, bias: cut ? undefined : end?.bias, result: into };
    runner.launch(program, tensors, { ...numbers, sliceSize: size }, productGroups(tile, sizes));
  };
  const slices = Math.max(...launches.map((numbers) => numbers['slices']!));
  if (cut && (slices > 1 || end)) {
    runner.withScratch(slices * size, (parts) => {
      for (const numbers of launches) run(parts, evenly(numbers, slices));
      sumSlices(runner, parts, result, slices, { ...end, width: shape.at(-1) });
    });
  } else {
    for (const numbers of launches) run(result, numbers);
  }
  return [result];
}

/** All launches into one result have as many slices: those behind the end of the depth are 0. */
function evenly(numbers: Readonly<Record<string, number>>, slices: number): Readonly<Record<string, number>> {
  return { ...numbers, slices };
}
