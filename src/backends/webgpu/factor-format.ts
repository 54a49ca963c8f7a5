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

/**
 * From 65520 on a number is infinite as a half. Conversions may stop at 65504, the largest half there is, and nobody would know: so it is
 * made infinite before.
 */
const BOUNDED = `
fn bounded(v: vec4<f32>) -> vec4<f32> { return select(v, v * 3.0e38, abs(v) >= vec4<f32>(65520.0)); }`;

const rounded = (v: string): string => `quantizeToF16(bounded(${v}))`;

/** Halves as the device has them. */
const HALVES: FactorFormat = {
  ...{ name: 'halves', type: 'vec4<f16>', enables: ['f16'], functions: BOUNDED },
  kept: (v) => `vec4<f16>(bounded(${v}))`,
  read: (v) => `vec4<f32>(${v})`,
  rounded,
};

/** Two halves in a word, which every device can make and read. */
const PACKED_HALVES: FactorFormat = {
  ...{ name: 'packed halves', type: 'vec2<u32>', enables: [] },
  functions: `${BOUNDED}
fn packed(v: vec4<f32>) -> vec2<u32> { return vec2<u32>(pack2x16float(v.xy), pack2x16float(v.zw)); }
fn unpacked(v: vec2<u32>) -> vec4<f32> { return vec4<f32>(unpack2x16float(v.x), unpack2x16float(v.y)); }`,
  kept: (v) => `packed(bounded(${v}))`,
  read: (v) => `unpacked(${v})`,
  rounded,
};

/** The format for products that are launched now. @param shaderF16 whether the device has halves */
export function factorFormat(shaderF16: boolean): FactorFormat {
  if (productPrecision() === 'float32') return FLOAT32;
  return shaderF16 ? HALVES : PACKED_HALVES;
}
