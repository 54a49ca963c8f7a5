/** Inputs of one output unit, and outputs that one input unit reaches. */
export interface Fans {
  readonly in: number;
  readonly out: number;
}

/** Where a weight's shape does not tell its fans: a bias, a depthwise or a transposed kernel. */
export interface FanOptions {
  /** Inputs of one output unit; default: by the shape, kernelHeight * kernelWidth * channels / groups, or a dense layer's inputs. */
  fanIn?: number | null;
  /** Outputs that one input unit reaches; default: by the shape, kernelHeight * kernelWidth * filters, or a dense layer's units. */
  fanOut?: number | null;
}

/**
 * Fans of a kernel [...window, inputs, outputs], as PyTorch's _calculate_fan_in_and_fan_out has them (with groups, its
 * fan out counts the filters of all groups). Of a vector, which has none, the root of its size, as tfjs-layers does.
 */
export function fansOf(shape: readonly number[]): Fans {
  const size = shape.reduce((product, n) => product * n, 1);
  if (shape.length < 2) return { in: Math.sqrt(size), out: Math.sqrt(size) };
  const [inputs, outputs] = shape.slice(-2) as [number, number];
  return { in: size / outputs, out: size / inputs };
}
