/** Pictures as the factors of a convolution's products, in WGSL. */
import type { Operand } from '../../backends/webgpu/tiled-product.js';

const FOUR = [0, 1, 2, 3];

/** Uniforms of a grid of places in a picture [batch, inHeight, inWidth, pitch], and of the taps around each. */
export const gridUniforms = {
  inHeight: 'i32',
  inWidth: 'i32',
  /** Channels of a pixel, and those of one group. */
  pitch: 'u32',
  channels: 'u32',
  /** Places of each picture. */
  gridHeight: 'u32',
  gridWidth: 'u32',
  /** Place (j, i) is pixel (j strideY + startY, i strideX + startX); tap (t, s) is (t stepY, s stepX) from it. */
  strideY: 'i32',
  strideX: 'i32',
  startY: 'i32',
  startX: 'i32',
  stepY: 'i32',
  stepX: 'i32',
  /** Taps of a row. */
  tapsWide: 'u32',
} as const;

/** Functions over the picture in the buffer `name`. */
function pictureText(name: string, wide: boolean): string {
  return `
// Row of the place's picture in all pictures, then y and x; a place behind the last lies outside of every picture.
fn placeOf(m: u32, places: u32) -> vec3<i32> {
  let i = m % u.gridWidth;
  let j = m / u.gridWidth % u.gridHeight;
  let picture = m / (u.gridWidth * u.gridHeight);
  let y = i32(j) * u.strideY + u.startY;
  return vec3<i32>(i32(picture) * u.inHeight, select(-0x40000000, y, m < places), i32(i) * u.strideX + u.startX);
}
fn tapOf(number: u32) -> vec2<i32> {
  return vec2<i32>(i32(number / u.tapsWide) * u.stepY, i32(number % u.tapsWide) * u.stepX);
}
fn seen(p: vec3<i32>, tap: vec2<i32>, channel: u32, read: bool) -> ${wide ? 'vec4<f32>' : 'f32'} {
  let row = p.y + tap.x;
  let column = p.z + tap.y;
  if (!read || u32(row) >= u32(u.inHeight) || u32(column) >= u32(u.inWidth)) { return ${wide ? 'vec4<f32>()' : '0.0'}; }
  let at = u32((p.x + row) * u.inWidth + column) * u.pitch + channel;
  return ${name}[at${wide ? ' / 4u' : ''}];
}`;
}

/**
 * Lines are places, depths are taps and, inside of each, channels: what a place sees.
 *
 * @param wide whether a group's channels come in fours
 */
export function placesOperand(name: string, wide: boolean): Operand {
  return {
    functions: pictureText(name, wide),
    along: 'depth',
    setup: (id, first) => FOUR.map((j) => `  let p_${id}_${j} = placeOf(${first} + ${j}u, u.rows);`).join('\n'),
    load(id, _first, at, end) {
      if (wide) {
        return `    let tap = tapOf(${at} / u.channels);
    let channel = z * u.channels + ${at} % u.channels;
${FOUR.map((j) => `    ${id}_${j} = seen(p_${id}_${j}, tap, channel, ${at} < ${end});`).join('\n')}`;
      }
      return `    for (var d = 0u; d < 4u; d++) {
      let at = ${at} + d;
      let tap = tapOf(at / u.channels);
      let channel = z * u.channels + at % u.channels;
${FOUR.map((j) => `      ${id}_${j}[d] = seen(p_${id}_${j}, tap, channel, at < ${end});`).join('\n')}
    }`;
    },
  };
}

/** The other way round: lines are taps and channels, depths are places. */
export function tapsOperand(name: string, wide: boolean): Operand {
  return {
    functions: pictureText(name, wide),
    along: 'lines',
    setup: (id, first) =>
      wide
        ? `  let tap_${id} = tapOf(${first} / u.channels);
  let channel_${id} = z * u.channels + ${first} % u.channels;`
        : '',
    load(id, first, at, end) {
      const places = FOUR.map((d) => `    let p_${id}_${d} = placeOf(${at} + ${d}u, ${end});`);
      if (wide) {
        return FOUR.map(
          (d) => `${places[d]}\n    ${id}_${d} = seen(p_${id}_${d}, tap_${id}, channel_${id}, ${first} < u.rows);`,
        ).join('\n');
      }
      return `${places.join('\n')}
    for (var j = 0u; j < 4u; j++) {
      let tap = tapOf((${first} + j) / u.channels);
      let channel = z * u.channels + (${first} + j) % u.channels;
${FOUR.map((d) => `      ${id}_${d}[j] = seen(p_${id}_${d}, tap, channel, ${first} + j < u.rows);`).join('\n')}
    }`;
    },
  };
}

/** Uniforms of a filter whose taps are passed in an order and choice of their own. */
export const turnedFilterUniforms = {
  filterWidth: 'i32',
  /** Output channels of the whole filter. */
  filterPitch: 'u32',
  firstKy: 'i32',
  firstKx: 'i32',
  stepKy: 'i32',
  stepKx: 'i32',
} as const;

/** A filter [filterHeight, filterWidth, columns, filterPitch] as dx sees it: lines are input channels, depths taps and output channels. */
export function turnedFilterOperand(name: string, wide: boolean): Operand {
  return {
    functions: `
fn filterAt(number: u32, line: u32) -> u32 {
  let ky = u.firstKy + i32(number / u.tapsWide) * u.stepKy;
  let kx = u.firstKx + i32(number % u.tapsWide) * u.stepKx;
  return (u32(ky * u.filterWidth + kx) * u.columns + line) * u.filterPitch;
}`,
    along: 'depth',
    setup: () => '',
    load(id, first, at, end) {
      if (wide) {
        return FOUR.map(
          (j) => `    ${id}_${j} = vec4<f32>();
    if (${at} < ${end} && ${first} + ${j}u < u.columns) {
      ${id}_${j} = ${name}[(filterAt(${at} / u.channels, ${first} + ${j}u) + z * u.channels + ${at} % u.channels) / 4u];
    }`,
        ).join('\n');
      }
      return `    for (var d = 0u; d < 4u; d++) {
      let at = ${at} + d;
${FOUR.map(
  (j) => `      ${id}_${j}[d] = 0.0;
      if (at < ${end} && ${first} + ${j}u < u.columns) {
        ${id}_${j}[d] = ${name}[filterAt(at / u.channels, ${first} + ${j}u) + z * u.channels + at % u.channels];
      }`,
).join('\n')}
    }`;
    },
  };
}
