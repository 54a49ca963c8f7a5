import type { Operand } from './tiled-product.js';

const FOUR = [0, 1, 2, 3];

/** A matrix in memory, as a factor. All are WGSL expressions. */
export interface MatrixPlace {
  readonly buffer: string;
  /** Index of the first number of the matrix z. */
  readonly offset: string;
  /** From one line to the next, or from one depth to the next: of what does not lie side by side. */
  readonly pitch: string;
  /** How many lines there are. */
  readonly lines: string;
  readonly along: Operand['along'];
  /** Whether four numbers side by side can be read at once: offset, pitch and the length of what lies so are multiples of 4. */
  readonly wide: boolean;
}

/** Lines and depths of a matrix; what lies outside of it is 0. */
export function matrixOperand({ buffer, offset, pitch, lines, along, wide }: MatrixPlace): Operand {
  // Outer: what each of the four vectors is one of; inner: what lies in it.
  const load = (id: string, outer: string, outerEnd: string, inner: string, innerEnd: string): string => {
    const place = (j: number): string => `${offset} + (${outer} + ${j}u) * ${pitch} + ${inner}`;
    const inside = (j: number): string => `${outer} + ${j}u < ${outerEnd}`;
    if (wide) {
      return FOUR.map(
        (j) => `    {
      let inside = ${inside(j)} && ${inner} < ${innerEnd};
      ${id}_${j} = select(vec4<f32>(), ${buffer}[select(0u, ${place(j)}, inside) / 4u], vec4<bool>(inside));
    }`,
      ).join('\n');
    }
    return `    for (var i = 0u; i < 4u; i++) {
      let within = ${inner} + i < ${innerEnd};
${FOUR.map((j) => `      ${id}_${j}[i] = select(0.0, ${buffer}[${place(j)} + i], within && ${inside(j)});`).join('\n')}
    }`;
  };
  return {
    along,
    load: (id, first, at, end) => (along === 'depth' ? load(id, first, lines, at, end) : load(id, at, end, first, lines)),
  };
}
