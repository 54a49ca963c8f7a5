import { productPrecision } from '../../precision.js';

/** How a product's factors lie in workgroup memory, four numbers at a time; its sums are float32 in every format. */
export interface FactorFormat {
  /** For a program's variant. */
  readonly name: string;
  /** WGSL type of four numbers. */
  readonly type: string;
  /** WGSL extensions that it takes. */
  readonly enables: readonly string[];
  /** WGSL functions that the expressions call. */
  readonly functions: string;
  /** WGSL: the vec4<f32> `v` in this format. */
  kept(v: string): string;
  /** WGSL: back. */
  read(v: string): string;
  /** WGSL: what reading gives of `v` once it was kept, for products that read each number once; absent where that is `v`. */
  rounded?(v: string): string;
}

const FLOAT32: FactorFormat = {
  ...{ name: '', type: 'vec4<f32>', enables: [], functions: '' },
  kept: (v) => v,
  read: (v) => v,
};

/** From here on a number is infinite as a half, rounded to the nearest. */
const LEAST_INFINITE = '65520.0';

/**
 * Two halves in a word, which every device can make of what is finite as a half; what is not is put in as an infinite half, NaN too: it is
 * told by a comparison, which is false for it.
 */
const PACKED = `
fn packed(v: vec4<f32>) -> vec2<u32> {
  let finite = abs(v) < vec4<f32>(${LEAST_INFINITE});
  let some = select(vec4<f32>(), v, finite);
  let sign = (bitcast<vec4<u32>>(v) >> vec4<u32>(16u)) & vec4<u32>(0x8000u);
  let other = select(sign | vec4<u32>(0x7c00u), vec4<u32>(), finite);
  return vec2<u32>(pack2x16float(some.xy), pack2x16float(some.zw)) | other.xz | (other.yw << vec2<u32>(16u));
}
fn unpacked(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }`;

/** By bits, since a compiler may leave out a conversion and its inverse. */
const rounded = (v: string): string => `unpacked(packed(${v}))`;

/**
 * Halves as the device has them. Conversions may stop at 65504, the largest there is, and nobody would know: what is larger is made
 * infinite before.
 */
const HALVES: FactorFormat = {
  ...{ name: 'halves', type: 'vec4<f16>', enables: ['f16'] },
  functions: `${PACKED}
fn halves(v: vec4<f32>) -> vec4<f16> {
  return vec4<f16>(select(v * 3.0e38, v, abs(v) < vec4<f32>(${LEAST_INFINITE})));
}`,
  kept: (v) => `halves(${v})`,
  read: (v) => `vec4<f32>(${v})`,
  rounded,
};

const PACKED_HALVES: FactorFormat = {
  ...{ name: 'packed halves', type: 'vec2<u32>', enables: [], functions: PACKED },
  kept: (v) => `packed(${v})`,
  read: (v) => `unpacked(${v})`,
  rounded,
};

/** The format for products that are launched now. @param shaderF16 whether the device has halves */
export function factorFormat(shaderF16: boolean): FactorFormat {
  if (productPrecision() === 'float32') return FLOAT32;
  return shaderF16 ? HALVES : PACKED_HALVES;
}
