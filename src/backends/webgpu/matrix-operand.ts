import type { Operand } from './tiled-product.js';

const FOUR = [0, 1, 2, 3];

/** A matrix in memory, as a factor. All are WGSL expressions. */
export interface MatrixPlace {
  readonly buffer: string;
  /** Index of the first number of the matrix z. */
  readonly offset: string;
  /** From one line to the next, or from one depth to the next: of what does not lie side by side. */
  readonly pitch: string;
  readonly along: Operand['along'];
  /** Whether four numbers side by side can be read at once: offset, pitch and the length of what lies so are multiples of 4. */
  readonly wide: boolean;
}

/** Lines and depths of a matrix; what lies behind its depth is 0. */
export function matrixOperand({ buffer, offset, pitch, along, wide }: MatrixPlace): Operand {
  const unit = wide ? ' >> 2u' : '';
  // One of the four vectors, or one number of it, where it is read.
  const value = (place: string, inside: string): string => {
    const [zero, all] = wide ? ['vec4<f32>()', `vec4<bool>(${inside})`] : ['0.0', inside];
    return `select(${zero}, ${buffer}[${place}], ${all})`;
  };
  const vectors = (id: string, number: (j: number, i: number) => string): string =>
    FOUR.map((j) => `    ${id}_${j} = ${wide ? number(j, 0) : `vec4<f32>(${FOUR.map((i) => number(j, i)).join(', ')})`};`).join(
      '\n',
    );
  if (along === 'depth') {
    return {
      along,
      setup: (id, first) =>
        FOUR.map((j) => `  let row_${id}_${j} = (${offset} + (${first} + ${j}u) * ${pitch})${unit};`).join('\n'),
      load: (id, _first, at, end, _walk, begun) =>
        vectors(id, (j, i) =>
          value(`row_${id}_${j} + ((${at} + ${i}u)${unit})`, wide && begun ? 'true' : `${at} + ${i}u < ${end}`),
        ),
    };
  }
  return {
    along,
    setup: (id, first) => `  let column_${id} = (${offset} + ${first})${unit};\n  let pitch_${id} = (${pitch})${unit};`,
    load: (id, _first, at, end) =>
      vectors(id, (d, i) => value(`column_${id} + ${i}u + (${at} + ${d}u) * pitch_${id}`, `${at} + ${d}u < ${end}`)),
  };
}
