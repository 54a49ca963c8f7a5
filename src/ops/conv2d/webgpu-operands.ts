/** Pictures as the factors of a convolution's products, in WGSL. */
import type { Operand, Walk } from '../../backends/webgpu/tiled-product.js';

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

/**
 * Functions over the picture in the buffer `name`. Depths are walked, not divided: a walk over taps is (row, column, channel), one over
 * places (picture, row, column), of `high` rows (columns) of `wide` columns (channels).
 */
function pictureText(name: string, wide: boolean): string {
  const [type, zero, all] = wide ? ['vec4<f32>', 'vec4<f32>()', 'vec4<bool>(inside)'] : ['f32', '0.0', 'inside'];
  return `
fn walkOf(number: u32, high: u32, wide: u32) -> vec3<u32> {
  return vec3<u32>(number / (high * wide), number / wide % high, number % wide);
}
// At most to the end of the next row: by <= wide.
fn stepped(at: vec3<u32>, by: u32, high: u32, wide: u32) -> vec3<u32> {
  let z = at.z + by;
  let y = at.y + select(0u, 1u, z >= wide);
  return vec3<u32>(at.x + select(0u, 1u, y == high), select(y, 0u, y == high), select(z, z - wide, z >= wide));
}
fn walked(start: vec3<u32>, by: u32, high: u32, wide: u32) -> vec3<u32> {
  var at = stepped(start, min(by, wide), high, wide);
  for (var done = min(by, wide); done < by; done += min(by - done, wide)) { at = stepped(at, min(by - done, wide), high, wide); }
  return at;
}
// Row of the place's picture in all pictures, then y and x; one that is not read lies outside of every picture.
fn placeOf(at: vec3<u32>, read: bool) -> vec3<i32> {
  let y = i32(at.y) * u.strideY + u.startY;
  return vec3<i32>(i32(at.x) * u.inHeight, select(-0x40000000, y, read), i32(at.z) * u.strideX + u.startX);
}
fn seen(p: vec3<i32>, tap: vec2<i32>, channel: u32, read: bool) -> ${type} {
  let row = p.y + tap.x;
  let column = p.z + tap.y;
  let inside = read && u32(row) < u32(u.inHeight) && u32(column) < u32(u.inWidth);
  let at = select(0u, u32((p.x + row) * u.inWidth + column) * u.pitch + channel, inside);
  return select(${zero}, ${name}[at${wide ? ' / 4u' : ''}], ${all});
}`;
}

/** Where the tap of a walk lies. */
const tapOf = (walk: string): string => `vec2<i32>(i32(${walk}.x) * u.stepY, i32(${walk}.y) * u.stepX)`;

/** Over taps and, inside of each, a group's channels. */
const tapWalk = (wide: boolean): Walk => ({
  setup: (name, at) => `  var walk_${name} = walkOf(${at}, u.tapsWide, u.channels);`,
  look: () => '',
  advance: (name, by) => {
    // Fours never step over a tap's end.
    const once = by === 4 && wide ? 'stepped' : 'walked';
    return `    walk_${name} = ${once}(walk_${name}, ${by}u, u.tapsWide, u.channels);`;
  },
});

/**
 * WGSL that goes through the four numbers `i` of a walk one by one, `at` being the place of each: what memory has not side by side. A
 * loop, since all that it calls would be there sixteen times otherwise.
 */
const oneByOne = (walk: string, body: string): string => `    {
      var at = ${walk};
      for (var i = 0u; i < 4u; i++) {
${body}
        at = stepped(at, 1u, u.tapsWide, u.channels);
      }
    }`;

/**
 * Lines are places, depths are taps and, inside of each, channels: what a place sees.
 *
 * @param wide whether a group's channels come in fours
 */
export function placesOperand(name: string, wide: boolean): Operand {
  const place = (first: string, j: number): string =>
    `placeOf(walkOf(${first} + ${j}u, u.gridHeight, u.gridWidth), ${first} + ${j}u < u.rows)`;
  return {
    functions: pictureText(name, wide),
    along: 'depth',
    walk: tapWalk(wide),
    setup: (id, first) => FOUR.map((j) => `  let p_${id}_${j} = ${place(first, j)};`).join('\n'),
    load(id, _first, depth, end, walk) {
      const value = (j: number, at: string, number: string): string =>
        `seen(p_${id}_${j}, ${tapOf(at)}, z * u.channels + ${at}.z, ${number} < ${end})`;
      if (wide) return FOUR.map((j) => `    ${id}_${j} = ${value(j, `walk_${walk}`, depth)};`).join('\n');
      const numbers = FOUR.map((j) => `        ${id}_${j}[i] = ${value(j, 'at', `${depth} + i`)};`);
      return oneByOne(`walk_${walk}`, numbers.join('\n'));
    },
  };
}

/** The other way round: lines are taps and channels, depths are places. */
export function tapsOperand(name: string, wide: boolean): Operand {
  return {
    functions: pictureText(name, wide),
    along: 'lines',
    walk: {
      setup: (name, at) => `  var walk_${name} = walkOf(${at}, u.gridHeight, u.gridWidth);`,
      look: (name, at, end) =>
        FOUR.map((d) => {
          const there = d === 0 ? `walk_${name}` : `step_${name}_${d}`;
          const step = `let ${there} = stepped(${d === 1 ? `walk_${name}` : `step_${name}_${d - 1}`}, 1u, u.gridHeight, u.gridWidth);`;
          return `    ${d === 0 ? '' : step} let p_${name}_${d} = placeOf(${there}, ${at} + ${d}u < ${end});`;
        }).join('\n'),
      advance: (name, by) =>
        by === 4
          ? `    walk_${name} = stepped(step_${name}_3, 1u, u.gridHeight, u.gridWidth);`
          : `    walk_${name} = walked(walk_${name}, ${by}u, u.gridHeight, u.gridWidth);`,
    },
    setup: (id, first) => `  let channels_${id} = walkOf(${first}, u.tapsWide, u.channels);`,
    load(id, first, _depth, _end, walk) {
      const value = (d: number, at: string, number: string): string =>
        `seen(p_${walk}_${d}, ${tapOf(at)}, z * u.channels + ${at}.z, ${number} < u.rows)`;
      if (wide) return FOUR.map((d) => `    ${id}_${d} = ${value(d, `channels_${id}`, first)};`).join('\n');
      const numbers = FOUR.map((d) => `        ${id}_${d}[i] = ${value(d, 'at', `${first} + i`)};`);
      return oneByOne(`channels_${id}`, numbers.join('\n'));
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

/**
 * A filter [filterHeight, filterWidth, columns, filterPitch] as dx sees it: lines are input channels, depths taps and output channels. It
 * goes beside `placesOperand`, whose functions it uses.
 */
export function turnedFilterOperand(name: string, wide: boolean): Operand {
  const [type, zero, all] = wide ? ['vec4<f32>', 'vec4<f32>()', 'vec4<bool>(read)'] : ['f32', '0.0', 'read'];
  return {
    functions: `
fn filterAt(at: vec3<u32>, channel: u32, line: u32, read: bool) -> ${type} {
  let ky = u.firstKy + i32(at.x) * u.stepKy;
  let kx = u.firstKx + i32(at.y) * u.stepKx;
  let place = select(0u, (u32(ky * u.filterWidth + kx) * u.columns + line) * u.filterPitch + channel, read);
  return select(${zero}, ${name}[place${wide ? ' / 4u' : ''}], ${all});
}`,
    along: 'depth',
    walk: tapWalk(wide),
    load(id, first, depth, end, walk) {
      const value = (j: number, at: string, number: string): string => {
        const read = `${number} < ${end} && ${first} + ${j}u < u.columns`;
        return `filterAt(${at}, z * u.channels + ${at}.z, ${first} + ${j}u, ${read})`;
      };
      if (wide) return FOUR.map((j) => `    ${id}_${j} = ${value(j, `walk_${walk}`, depth)};`).join('\n');
      const numbers = FOUR.map((j) => `        ${id}_${j}[i] = ${value(j, 'at', `${depth} + i`)};`);
      return oneByOne(`walk_${walk}`, numbers.join('\n'));
    },
  };
}
