import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { FusedActivation } from '../../ops/activation/fused.js';
import { activateCode } from '../../ops/activation/webgl-fused.js';
import { half, matricesOf } from './layout.js';
import type { WebglRunner } from './runner.js';

/** Tiles of one tensor whose texels lie in textures of their own. */
export interface Tiles {
  /** Op and part, for errors. */
  readonly name: string;
  readonly geometry: object;
  /** Texel (r, c) of a tile is in texture r columns + c. */
  readonly rows: number;
  readonly columns: number;
  /** Of how many sums each texel is to be added up, in order; default 1. */
  readonly slices?: number;
  /** Added to every row [columns of the tensor]. */
  readonly bias?: TensorInfo | undefined;
  readonly activation?: FusedActivation;
}

/** Which of parts of that size it is in. */
const part = (size: number, of: string): string => {
  const exponent = Math.log2(size);
  return Number.isInteger(exponent) ? `${of} >> ${exponent}` : `quotient(${of}, ${size})`;
};

function code({ rows, columns, bias, activation = 'linear' }: Tiles): string {
  const count = rows * columns;
  const choices = Array.from({ length: count }, (_, i) => `${i + 1 < count ? `if (part == ${i}) ` : ''}sum += part${i}(at);`);
  return [
    activateCode(activation),
    'void compute(int texel) {',
    '  int rest = quotient(texel, columnTexels), c = texel - rest * columnTexels;',
    '  int matrix = quotient(rest, rowTexels), r = rest - matrix * rowTexels;',
    `  int tileR = ${part(rows, 'r')}, tileC = ${part(columns, 'c')}, part = (r - tileR * ${rows}) * ${columns} + c - tileC * ${columns};`,
    '  int at = (matrix * rowTiles + tileR) * columnTiles + tileC;',
    '  vec4 sum = vec4(0);',
    '  for (int slice = 0; slice < slices; slice++) {',
    `    ${choices.join('\n    else ')}`,
    '    at += perSlice;',
    '  }',
    `  out0 = activate(${bias ? 'sum + bias(c).xyxy' : 'sum'});`,
    '}',
  ].join('\n');
}

/** Puts tiles together to a tensor of that shape, and lets them go. Tile (matrix, row, column) is texel by texel in that order. */
export function gather(runner: WebglRunner, tiles: Tiles, parts: readonly TensorInfo[], shape: readonly number[]): TensorInfo {
  const { rows, columns, slices = 1, bias, activation } = tiles;
  const matrices = matricesOf(shape);
  const [rowTexels, columnTexels] = [half(matrices.rows), half(matrices.columns)];
  const rowTiles = Math.ceil(rowTexels / rows);
  const columnTiles = Math.ceil(columnTexels / columns);
  const [made] = runner.run({
    name: `${tiles.name}, gathered`,
    geometry: tiles.geometry,
    variant: `${rows} ${columns} ${activation}`,
    code: () => code(tiles),
    inputs: { ...Object.fromEntries(parts.map((part, i) => [`part${i}`, part])), ...(bias && { bias }) },
    ints: { rowTexels, columnTexels, rowTiles, columnTiles, slices, perSlice: matrices.batch * rowTiles * columnTiles },
    outputs: [shape],
  });
  runner.dispose(...parts);
  return made!;
}
