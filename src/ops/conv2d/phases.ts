import type { WindowGeometry } from '../../geometry.js';

/** One axis of a convolution. */
interface Axis {
  readonly size: number;
  readonly filter: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
}

/**
 * Of one axis, the elements of dx that are `first` modulo the stride: which filter elements reach them
 * (k), and which element of dy each meets, counted from the element's own number in the phase.
 */
export interface Phase {
  readonly first: number;
  readonly count: number;
  /** In rising order of offset. */
  readonly taps: readonly { readonly k: number; readonly offset: number }[];
}

/** Element i stride + first of dx meets dy[o] through k where o stride - pad + k dilation is that element. */
function phases({ size, filter, stride, dilation, pad }: Axis): Phase[] {
  return Array.from({ length: Math.min(stride, size) }, (_, first) => {
    const taps = [];
    for (let k = filter - 1; k >= 0; k--) {
      const numerator = first + pad - k * dilation;
      if (numerator % stride === 0) taps.push({ k, offset: numerator / stride });
    }
    return { first, count: Math.ceil((size - first) / stride), taps };
  });
}

/** The phases along height and along width. */
export function windowPhases(g: WindowGeometry): [vertical: Phase[], horizontal: Phase[]] {
  return [
    phases({ size: g.inHeight, filter: g.filterHeight, stride: g.strideHeight, dilation: g.dilationHeight, pad: g.padTop }),
    phases({ size: g.inWidth, filter: g.filterWidth, stride: g.strideWidth, dilation: g.dilationWidth, pad: g.padLeft }),
  ];
}

/** First element of dy that any phase reads, and the one after the last. */
export function phasesReach(all: readonly Phase[]): [number, number] {
  let begin = Infinity;
  let end = -Infinity;
  for (const { count, taps } of all) {
    for (const { offset } of taps) {
      begin = Math.min(begin, offset);
      end = Math.max(end, offset + count);
    }
  }
  return begin < end ? [begin, end] : [0, 0];
}
