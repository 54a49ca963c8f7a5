/**
 * WGSL of a product of matrices c = a b whose factors are seen through operands: matrices, or pictures as a convolution sees them. A
 * workgroup computes a tile of c, a thread of it a register tile in named variables. Factors are read in blocks of 4 x 4, four numbers
 * at a time where memory has them side by side, and laid in workgroup memory by depth.
 */
import type { FactorFormat } from './factor-format.js';
import { entry } from './program.js';
import { DEPTH, type Tile, threadsOf } from './tiles.js';

/** A factor, seen in blocks of four lines (rows of a, columns of b) by four depths. */
export interface Operand {
  /** WGSL functions that it calls. */
  readonly functions?: string;
  /** What lies side by side in memory: four depths of a line, or four lines of a depth. */
  readonly along: 'depth' | 'lines';
  /** Where depths are places that are walked to, not found anew by division. */
  readonly walk?: Walk;
  /** WGSL run once for the block of lines from `first`; what it declares ends in `id`. */
  setup?(id: string, first: string): string;
  /**
   * WGSL that puts the block at depth `at` into the vectors id_0 to id_3; what lies behind depth `end` is 0, what lies behind the last line
   * anything.
   * @param begun whether `at` is known to lie before the end
   */
  load(id: string, first: string, at: string, end: string, walk: string, begun: boolean): string;
}

/** The way through the depths, shared by the blocks of one depth. */
export interface Walk {
  /** WGSL that declares it at depth `at`; names end in `name`. */
  setup(name: string, at: string): string;
  /** WGSL of what the four depths from `at` have in common for all lines. */
  look(name: string, at: string, end: string, begun: boolean): string;
  /** WGSL that goes on by so many depths. */
  advance(name: string, by: number): string;
}

/** Where the result goes. */
export interface Result {
  /** Name of its buffer. */
  readonly buffer: string;
  /** Whether columns come in fours, so that four are stored at once. */
  readonly wide: boolean;
  /** WGSL: index of the first column of row `m`, of which `z` is the matrix of the batch. */
  place(m: string): string;
  /** WGSL expression of what is stored in place of the vector `v` of the columns from `n`. */
  finish(v: string, n: string): string;
}

/** Uniforms that every product has. */
export const productUniforms = {
  rows: 'u32',
  columns: 'u32',
  depth: 'u32',
  /** Cuts of the depth, and how deep each is: a multiple of 16. */
  slices: 'u32',
  sliceDepth: 'u32',
  /** Numbers of a result, from one slice of it to the next. */
  sliceSize: 'u32',
  /** Matrices in the batch. */
  matrices: 'u32',
} as const;

const LETTERS = ['x', 'y', 'z', 'w'];
const FOUR = [0, 1, 2, 3];
const range = (length: number): number[] => Array.from({ length }, (_, i) => i);

/** Number i of depth d in the block `id`. */
function element({ along }: Operand, id: string, i: number, d: number): string {
  return along === 'depth' ? `${id}_${i}.${LETTERS[d]}` : `${id}_${d}.${LETTERS[i]}`;
}

/** The four lines of depth d in the block `id`. */
function lines(operand: Operand, id: string, d: number): string {
  return operand.along === 'lines' ? `${id}_${d}` : `vec4<f32>(${FOUR.map((i) => element(operand, id, i, d)).join(', ')})`;
}

const declare = (id: string): string => FOUR.map((j) => `  var ${id}_${j} = vec4<f32>();`).join('\n');

/** c_r_i_s: four columns, block s of them, of row i in block r. */
function sums(rowBlocks: number, columnBlocks: number, each: (r: number, i: number, s: number) => string): string {
  return range(rowBlocks)
    .flatMap((r) => FOUR.flatMap((i) => range(columnBlocks).map((s) => each(r, i, s))))
    .join('\n');
}

/** The program's functions and `main`. */
export function tiledProduct(tile: Tile, a: Operand, b: Operand, result: Result, format: FactorFormat): string {
  const rowBlocks = tile.threadRows / 4;
  const columnBlocks = tile.threadColumns / 4;
  const across = tile.columns / tile.threadColumns;
  const rowOf = (r: number): string => `row + ${(r * tile.rows) / rowBlocks}u + threadRow * 4u`;
  const columnOf = (s: number): string => `column + ${(s * tile.columns) / columnBlocks}u + threadColumn * 4u`;
  const loop = tile.shared ? sharedLoop(tile, a, b, format) : directLoop(tile, a, b, format, rowOf, columnOf);
  const store = (r: number, i: number, s: number): string => {
    const n = columnOf(s);
    return `  put(${rowOf(r)} + ${i}u, ${n}, z, slice, c_${r}_${i}_${s});`;
  };
  return `
${tile.shared ? `var<workgroup> aTile: array<${format.type}, ${(DEPTH * tile.rows) / 4}>;` : ''}
${tile.shared ? `var<workgroup> bTile: array<${format.type}, ${(DEPTH * tile.columns) / 4}>;` : ''}
${format.functions}
${a.functions ?? ''}
${b.functions === a.functions ? '' : (b.functions ?? '')}
${putFunction(result)}
${entry(
  threadsOf(tile),
  `((u.rows + ${tile.rows - 1}u) / ${tile.rows}u) * ((u.columns + ${tile.columns - 1}u) / ${tile.columns}u) * u.slices * u.matrices`,
  `
  let columnTiles = (u.columns + ${tile.columns - 1}u) / ${tile.columns}u;
  let rowTiles = (u.rows + ${tile.rows - 1}u) / ${tile.rows}u;
  let column = (group % columnTiles) * ${tile.columns}u;
  let row = (group / columnTiles % rowTiles) * ${tile.rows}u;
  let slice = group / (columnTiles * rowTiles) % u.slices;
  let z = group / (columnTiles * rowTiles * u.slices);
  let begin = slice * u.sliceDepth;
  let end = min(begin + u.sliceDepth, u.depth);
  let threadRow = local / ${across}u;
  let threadColumn = local % ${across}u;
${sums(rowBlocks, columnBlocks, (r, i, s) => `  var c_${r}_${i}_${s} = vec4<f32>();`)}
${loop}
${sums(rowBlocks, columnBlocks, store)}`,
)}`;
}

/** Workgroups that a product takes. */
export function productGroups(
  tile: Tile,
  { rows, columns, slices, matrices }: { rows: number; columns: number; slices: number; matrices: number },
): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns) * slices * matrices;
}

function putFunction({ buffer, wide, place, finish }: Result): string {
  const stores = wide
    ? `  ${buffer}[at >> 2u] = w;`
    : `  for (var i = 0u; i < min(4u, u.columns - n); i++) { ${buffer}[at + i] = w[i]; }`;
  return `
fn put(m: u32, n: u32, z: u32, slice: u32, v: vec4<f32>) {
  if ((m >= u.rows) | (n >= u.columns)) { return; }
  let at = slice * u.sliceSize + ${place('m')} + n;
  let w = ${finish('v', 'n')};
${stores}
}`;
}

/** Blocks of one factor that a thread carries into workgroup memory. */
function carried(name: 'a' | 'b', operand: Operand, format: FactorFormat, size: number, threads: number, origin: string) {
  const blocks = (size * DEPTH) / 16;
  const depths = DEPTH / 4;
  return range(Math.ceil(blocks / threads)).map((i) => {
    const id = `${name}${i}`;
    const number = `(local + ${i * threads}u)`;
    // Neighbours read what lies side by side in memory.
    const [line, depth] =
      operand.along === 'depth'
        ? [`${number} / ${depths}u`, `${number} % ${depths}u`]
        : [`${number} % ${size / 4}u`, `${number} / ${size / 4}u`];
    const guard = (i + 1) * threads > blocks ? `if (local + ${i * threads}u < ${blocks}u) ` : '';
    const first = `first_${id}`;
    const at = `(k + depth_${id})`;
    return {
      setup: `${declare(id)}
  let line_${id} = ${line};
  let depth_${id} = (${depth}) * 4u;
  let ${first} = ${origin} + line_${id} * 4u;
${operand.setup?.(id, first) ?? ''}
${operand.walk?.setup(id, `(begin + depth_${id})`) ?? ''}`,
      advance: operand.walk?.advance(id, DEPTH) ?? '',
      load: `${guard}{\n${operand.walk?.look(id, at, 'end', false) ?? ''}\n${operand.load(id, first, at, 'end', id, false)}\n}`,
      keep: `${guard}{\n${FOUR.map(
        (d) => `    ${name}Tile[(depth_${id} + ${d}u) * ${size / 4}u + line_${id}] = ${format.kept(lines(operand, id, d))};`,
      ).join('\n')}\n}`,
    };
  });
}

function sharedLoop(tile: Tile, a: Operand, b: Operand, format: FactorFormat): string {
  const threads = threadsOf(tile);
  const blocks = [
    ...carried('a', a, format, tile.rows, threads, 'row'),
    ...carried('b', b, format, tile.columns, threads, 'column'),
  ];
  const rowBlocks = tile.threadRows / 4;
  const columnBlocks = tile.threadColumns / 4;
  const read = (name: string, i: number, size: number, count: number, thread: string): string =>
    `    let ${name}${i} = ${format.read(`${name}Tile[d * ${size / 4}u + ${(i * size) / count / 4}u + ${thread}]`)};`;
  return `
${blocks.map(({ setup }) => setup).join('\n')}
  for (var k = begin; k < end; k += ${DEPTH}u) {
${blocks.map(({ load }) => load).join('\n')}
    workgroupBarrier();
${blocks.map(({ keep }) => keep).join('\n')}
    workgroupBarrier();
${blocks.map(({ advance }) => advance).join('\n')}
    for (var d = 0u; d < ${DEPTH}u; d++) {
${range(rowBlocks)
  .map((r) => read('a', r, tile.rows, rowBlocks, 'threadRow'))
  .join('\n')}
${range(columnBlocks)
  .map((s) => read('b', s, tile.columns, columnBlocks, 'threadColumn'))
  .join('\n')}
${sums(rowBlocks, columnBlocks, (r, i, s) => `    c_${r}_${i}_${s} = fma(vec4<f32>(a${r}.${LETTERS[i]}), b${s}, c_${r}_${i}_${s});`)}
    }
  }`;
}

function directLoop(
  tile: Tile,
  a: Operand,
  b: Operand,
  { rounded }: FactorFormat,
  rowOf: (r: number) => string,
  columnOf: (s: number) => string,
): string {
  const blocks = [
    ...range(tile.threadRows / 4).map((r) => ({ id: `a${r}`, operand: a, first: rowOf(r) })),
    ...range(tile.threadColumns / 4).map((s) => ({ id: `b${s}`, operand: b, first: columnOf(s) })),
  ];
  const round = (id: string): string => (rounded ? FOUR.map((j) => `\n  ${id}_${j} = ${rounded(`${id}_${j}`)};`).join('') : '');
  const products = FOUR.map((d) => {
    const columns = range(tile.threadColumns / 4).map((s) => `    let b${s}d${d} = ${lines(b, `b${s}`, d)};`);
    const added = sums(
      tile.threadRows / 4,
      tile.threadColumns / 4,
      (r, i, s) => `    c_${r}_${i}_${s} = fma(vec4<f32>(${element(a, `a${r}`, i, d)}), b${s}d${d}, c_${r}_${i}_${s});`,
    );
    return `${columns.join('\n')}\n${added}`;
  });
  const walks = [
    { name: 'a', walk: a.walk },
    { name: 'b', walk: b.walk },
  ].filter((each): each is { name: string; walk: Walk } => each.walk !== undefined);
  return `
${blocks.map(({ id, operand, first }) => `${declare(id)}\n  let first_${id} = ${first};\n${operand.setup?.(id, `first_${id}`) ?? ''}`).join('\n')}
${walks.map(({ name, walk }) => walk.setup(name, 'begin')).join('\n')}
  for (var k = begin; k < end; k += 4u) {
${walks.map(({ name, walk }) => walk.look(name, 'k', 'end', true)).join('\n')}
${blocks.map(({ id, operand }) => `{\n${operand.load(id, `first_${id}`, 'k', 'end', id[0]!, true)}${round(id)}\n}`).join('\n')}
${products.join('\n')}
${walks.map(({ name, walk }) => walk.advance(name, 4)).join('\n')}
  }`;
}
