import type { Parts } from '../../kernels.js';
import type { OpDefinition } from '../../op-definition.js';
import type { JoinedConv2DGeometry } from './geometry.js';

/** A pattern has a letter for each branch: 'C' for a convolution, 'T' for a tensor as it is. */
type Declarations = Pick<OpDefinition<never, JoinedConv2DGeometry, never>, 'forward' | 'shared' | 'backward'>;
type ShapeOf = (g: JoinedConv2DGeometry) => number[];

/** Numbers of the branches of a kind. */
export function branchesOf(pattern: string, kind: 'C' | 'T'): number[] {
  return [...pattern].flatMap((letter, i) => (letter === kind ? [i] : []));
}

/** What the parts of the op read and make. dy_i, the gradient of convolution i before its activation, is made once for all. */
export function declarationsOf(pattern: string): Declarations {
  const own =
    (i: number): ShapeOf =>
    (g) => [...g.outer, g.channels[i]!];
  const backward: Declarations['backward'] = {};
  for (const i of branchesOf(pattern, 'T')) backward[`dx${i}`] = { inputs: ['dy'], outputs: { [`dx${i}`]: own(i) } };
  for (const i of branchesOf(pattern, 'C')) {
    const dx: ShapeOf = ({ convolutions }) => {
      const { batch, inHeight, inWidth, inChannels } = convolutions[i]!;
      return [batch, inHeight, inWidth, inChannels];
    };
    const dfilter: ShapeOf = ({ convolutions }) => {
      const { filterHeight, filterWidth, inChannels, groups, outChannels } = convolutions[i]!;
      return [filterHeight, filterWidth, inChannels / groups, outChannels];
    };
    backward[`dx${i}`] = { inputs: [`dy${i}`, `filter${i}`], outputs: { [`dx${i}`]: dx } };
    backward[`dfilter${i}`] = { inputs: [`x${i}`, `dy${i}`], outputs: { [`dfilter${i}`]: dfilter } };
    backward[`dbias${i}`] = { inputs: [`dy${i}`], outputs: { [`dbias${i}`]: (g) => [g.channels[i]!] } };
  }
  const inputs = [...pattern].flatMap((kind, i) => (kind === 'T' ? [`x${i}`] : [`x${i}`, `filter${i}`, `bias${i}`]));
  return {
    forward: { inputs, outputs: { y: (g) => [...g.outer, g.total] } },
    shared: {
      inputs: ['dy', 'y'],
      outputs: Object.fromEntries(branchesOf(pattern, 'C').map((i) => [`dy${i}`, own(i)])),
    },
    backward,
  };
}

/** Kernels of all parts: the two that see all branches, conv2d's gradients, and the gradient of a branch that is a tensor. */
export function kernelsOf<Kernel>(
  pattern: string,
  whole: { forward: Kernel; shared: Kernel },
  gradient: (part: 'dx' | 'dfilter' | 'dbias', i: number) => Kernel,
  copied: (i: number) => Kernel,
): Parts<Kernel> {
  const parts: Parts<Kernel> = { ...whole };
  for (const i of branchesOf(pattern, 'T')) parts[`dx${i}`] = copied(i);
  for (const i of branchesOf(pattern, 'C')) {
    for (const part of ['dx', 'dfilter', 'dbias'] as const) parts[`${part}${i}`] = gradient(part, i);
  }
  return parts;
}
