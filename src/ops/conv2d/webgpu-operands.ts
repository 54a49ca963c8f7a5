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
 * Functions over the picture in the buffer `name`, read in fours where it is wide: indices are of fours then. Depths are walked, not
 * divided: a walk over taps is (row, column, channel), one over places (picture, row, column), of `high` rows (columns) of `wide` columns
 * (channels). Places and taps are (row, column, index); what is not read lies in a row outside of every picture.
 */
function pictureText(name: string, wide: boolean): string {
  const [type, zero, all, unit] = wide
    ? ['vec4<f32>', 'vec4<f32>()', 'vec4<bool>(inside)', ' >> 2u']
    : ['f32', '0.0', 'inside', ''];
  return `
fn walkOf(number: u32, high: u32, wide: u32) -> vec3<i32> {
  let y = number / wide;
  let x = y / high;
  return vec3<i32>(i32(x), i32(y - x * high), i32(number - y * wide));
}
// At most to the end of the next row: by <= wide.
fn stepped(at: vec3<i32>, by: i32, high: u32, wide: u32) -> vec3<i32> {
  let far = at.z + by >= i32(wide);
  let y = at.y + select(0, 1, far);
  let over = y == i32(high);
  return vec3<i32>(at.x + select(0, 1, over), select(y, 0, over), at.z + by - select(0, i32(wide), far));
}
fn walked(start: vec3<i32>, by: i32, high: u32, wide: u32) -> vec3<i32> {
  let most = i32(wide);
  var at = stepped(start, min(by, most), high, wide);
  for (var done = min(by, most); done < by; done += min(by - done, most)) { at = stepped(at, min(by - done, most), high, wide); }
  return at;
}
fn placeOf(at: vec3<i32>, read: bool) -> vec3<i32> {
  let y = at.y * u.strideY + u.startY;
  let x = at.z * u.strideX + u.startX;
  return vec3<i32>(select(${OUTSIDE}, y, read), x, (((at.x * u.inHeight + y) * u.inWidth + x) * i32(u.pitch))${unit});
}
fn tapOf(at: vec3<i32>, z: u32, read: bool) -> vec3<i32> {
  let y = at.x * u.stepY;
  let x = at.y * u.stepX;
  let index = (y * u.inWidth + x) * i32(u.pitch) + i32(z * u.channels) + at.z;
  return vec3<i32>(select(${OUTSIDE}, y, read), x, index${unit});
}
fn seen(place: vec3<i32>, tap: vec3<i32>) -> ${type} {
  let at = place + tap;
  let inside = (at.x >= 0) & (at.x < u.inHeight) & (at.y >= 0) & (at.y < u.inWidth);
  // An index outside of the buffer reads something in it: WGSL says so.
  return select(${zero}, ${name}[at.z], ${all});
}`;
}

/** A row so far above a picture that no tap comes back. */
const OUTSIDE = '-0x40000000';

/** A way through places or taps, (row, column, index) each, in WGSL. */
interface Way {
  /** The one of that number. */
  of(number: string): string;
  /** The next one. */
  next(step: string): string;
  /** So many further. */
  further(step: string, by: number): string;
}

/** Through all of `high` rows (columns) of `wide` columns (channels). */
const through = (sizes: string): Way => ({
  of: (number) => `walkOf(${number}, ${sizes})`,
  next: (step) => `stepped(${step}, 1, ${sizes})`,
  further: (step, by) => `walked(${step}, ${by}, ${sizes})`,
});

const TAPS = 'u.tapsWide, u.channels';
const ALL_TAPS = through(TAPS);

/** Which places the lines (or depths) of a product are, and where the channels begin that it sees: matrix z says one of both. */
interface Places extends Way {
  readonly group: string;
}

/** All of all pictures; matrices are groups of channels. */
const ALL_PLACES: Places = { ...through('u.gridHeight, u.gridWidth'), group: 'z' };

/** One of all pictures, and a matrix for each. */
export const MATRIX_IS_PLACE: Places = {
  of: (number) => `vec3<i32>(i32(${number}), i32(z / u.gridWidth), i32(z % u.gridWidth))`,
  next: (step) => `${step} + vec3<i32>(1, 0, 0)`,
  further: (step, by) => `${step} + vec3<i32>(${by}, 0, 0)`,
  group: '0u',
};

/** WGSL of so many along a way, one by one from `start`: step_name_0 and so on. */
const steps = (name: string, start: string, count: number, way: Way, to: (step: string, i: number) => string): string =>
  FOUR.slice(0, count)
    .map((i) => {
      const step = `step_${name}_${i}`;
      return `  let ${step} = ${i > 0 ? way.next(`step_${name}_${i - 1}`) : start};\n  ${to(step, i)}`;
    })
    .join('\n');

/** Over taps and, inside of each, a group's channels. `to` declares what is known of each of four, or of all where they come in fours. */
const tapWalk = (wide: boolean, to: (name: string, step: string, i: number, read: string) => string): Walk => ({
  setup: (name, at) => `  var walk_${name} = ${ALL_TAPS.of(at)};`,
  look: (name, at, end, begun) =>
    steps(name, `walk_${name}`, wide ? 1 : 4, ALL_TAPS, (step, i) =>
      to(name, step, i, wide && begun ? 'true' : `${at} + ${i}u < ${end}`),
    ),
  // Fours never step over a tap's end.
  advance: (name, by) => `    walk_${name} = ${by === 4 && wide ? 'stepped' : 'walked'}(walk_${name}, ${by}, ${TAPS});`,
});

/** Four numbers, read one by one. */
const oneByOne = (of: (i: number) => string): string => `vec4<f32>(${FOUR.map(of).join(', ')})`;

/**
 * Lines are places, depths are taps and, inside of each, channels: what a place sees.
 *
 * @param wide   whether a group's channels come in fours
 * @param places default: all
 */
export function placesOperand(name: string, wide: boolean, places = ALL_PLACES): Operand {
  return {
    functions: pictureText(name, wide),
    along: 'depth',
    walk: tapWalk(wide, (walk, step, i, read) => `let tap_${walk}_${i} = tapOf(${step}, ${places.group}, ${read});`),
    setup: (id, first) => steps(id, places.of(first), 4, places, (step, j) => `let place_${id}_${j} = placeOf(${step}, true);`),
    load(id, _first, _at, _end, walk) {
      const value = (j: number, i: number): string => `seen(place_${id}_${j}, tap_${walk}_${i})`;
      return FOUR.map((j) => `    ${id}_${j} = ${wide ? value(j, 0) : oneByOne((i) => value(j, i))};`).join('\n');
    },
  };
}

/** The other way round: lines are taps and channels, depths are places. */
export function tapsOperand(name: string, wide: boolean, places = ALL_PLACES): Operand {
  return {
    functions: pictureText(name, wide),
    along: 'lines',
    walk: {
      setup: (walk, at) => `  var walk_${walk} = ${places.of(at)};`,
      look: (walk, at, end) =>
        steps(walk, `walk_${walk}`, 4, places, (step, d) => `let place_${walk}_${d} = placeOf(${step}, ${at} + ${d}u < ${end});`),
      advance: (walk, by) =>
        `    walk_${walk} = ${by === 4 ? places.next(`step_${walk}_3`) : places.further(`walk_${walk}`, by)};`,
    },
    setup: (id, first) =>
      steps(
        id,
        ALL_TAPS.of(first),
        wide ? 1 : 4,
        ALL_TAPS,
        (step, i) => `let tap_${id}_${i} = tapOf(${step}, ${places.group}, true);`,
      ),
    load(id, _first, _at, _end, walk) {
      const value = (d: number, i: number): string => `seen(place_${walk}_${d}, tap_${id}_${i})`;
      return FOUR.map((d) => `    ${id}_${d} = ${wide ? value(d, 0) : oneByOne((i) => value(d, i))};`).join('\n');
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
  const unit = wide ? ' >> 2u' : '';
  return {
    functions: `
fn filterTap(at: vec3<i32>, z: u32) -> u32 {
  let ky = u.firstKy + at.x * u.stepKy;
  let kx = u.firstKx + at.y * u.stepKx;
  return (u32(ky * u.filterWidth + kx) * u.columns * u.filterPitch + z * u.channels + u32(at.z))${unit};
}`,
    along: 'depth',
    walk: tapWalk(
      wide,
      (walk, step, i, read) => `let tap_${walk}_${i} = filterTap(${step}, z);\n  let read_${walk}_${i} = ${read};`,
    ),
    setup: (id, first) => FOUR.map((j) => `  let row_${id}_${j} = ((${first} + ${j}u) * u.filterPitch)${unit};`).join('\n'),
    load(id, _first, _at, _end, walk) {
      const value = (j: number, i: number): string => {
        const [zero, all] = wide ? ['vec4<f32>()', `vec4<bool>(read_${walk}_${i})`] : ['0.0', `read_${walk}_${i}`];
        return `select(${zero}, ${name}[row_${id}_${j} + tap_${walk}_${i}], ${all})`;
      };
      return FOUR.map((j) => `    ${id}_${j} = ${wide ? value(j, 0) : oneByOne((i) => value(j, i))};`).join('\n');
    },
  };
}
