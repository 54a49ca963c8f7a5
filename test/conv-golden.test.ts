/** The float64 loops of conv2d and dense against PyTorch; what their geometry refuses. */
import { readFileSync } from 'node:fs';
import type { Named } from '../src/kernels.js';
import { type Conv2DShapeOptions, conv2dGeometry } from '../src/ops/conv2d/geometry.js';
import { reference as convReference } from '../src/ops/conv2d/reference.js';
import { denseGeometry } from '../src/ops/dense/geometry.js';
import { reference as denseReference } from '../src/ops/dense/reference.js';
import { depthwiseConv2dGeometry } from '../src/ops/depthwise-conv2d/geometry.js';
import { uniform } from './golden-fill.js';
import { expectWithin } from './kernel-sides.js';
import { describeIf, sharedPath } from './requires.js';

const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

interface GoldenCase {
  op: string;
  params: Conv2DShapeOptions;
  inputs: Record<string, { shape: number[]; scale: number }>;
  outputs: Record<string, { shape: number[]; values: number[] }>;
}

describeIf('golden', 'the float64 loops against PyTorch', () => {
  const { cases } = JSON.parse(readFileSync(sharedPath('golden/ops.json'), 'utf8')) as { cases: GoldenCase[] };
  // The golden files call dense's filter a kernel.
  const ours = (name: string): string => name.replace('kernel', 'filter');
  const own = cases.filter(({ op }) => op === 'conv2d' || op === 'dense');

  test('there are 18 cases of conv2d and 3 of dense', () => expect(own).toHaveLength(21));

  test.each(own.map((each, i) => [`${i} ${each.op} ${JSON.stringify(each.params)}`, each] as const))(
    '%s',
    (_title, { op, params, inputs, outputs }) => {
      const data: Named<Float64Array> = {};
      const shapes: Record<string, number[]> = {};
      for (const [name, { shape, scale }] of Object.entries(inputs)) {
        shapes[ours(name)] = shape;
        data[ours(name)] = uniform(name, count(shape)).map((v) => v * scale);
      }
      const [reference, g] =
        op === 'dense'
          ? [denseReference, denseGeometry(shapes.x, shapes.filter)]
          : [convReference, conv2dGeometry(shapes.x, shapes.filter, params)];
      for (const [name, { shape, values: expected }] of Object.entries(outputs)) {
        const found = new Float64Array(count(shape)).fill(NaN);
        const part = name === 'y' ? 'forward' : ours(name);
        reference[part](data, { [ours(name)]: found }, g as never);
        // The file has ten digits; a sum of these sizes is off by far less.
        expectWithin(name, found, Float64Array.from(expected), (i) => 1e-9 * Math.max(1, Math.abs(expected[i])));
      }
    },
  );
});

describe('what does not fit together is refused by name', () => {
  test.each([
    [() => conv2dGeometry([1, 5, 5, 3], [3, 3, 4, 8]), /x has 3 channels.*filter \[3,3,4,8\] takes 4/],
    [() => conv2dGeometry([1, 5, 5, 6], [3, 3, 6, 8], { groups: 2 }), /x has 6 channels, 3 in each of 2 groups.*takes 6/],
    [
      () => conv2dGeometry([1, 5, 5, 6], [3, 3, 2, 8], { groups: 4 }),
      /groups must divide the channels of x: 4 does not divide 6/,
    ],
    [
      () => conv2dGeometry([1, 5, 5, 6], [3, 3, 3, 7], { groups: 2 }),
      /groups must divide the filter's output channels: 2 does not divide 7/,
    ],
    [() => conv2dGeometry([1, 5, 5, 6], [3, 3, 3, 7], { groups: 0 }), /groups must be a positive integer, got 0/],
    [() => conv2dGeometry([5, 5, 6], [3, 3, 6, 7]), /x must have rank 4.*got rank 3/],
    [() => conv2dGeometry([1, 5, 5, 6], [3, 6, 7]), /filter must have rank 4.*got rank 3 \[3,6,7\]/],
    [() => conv2dGeometry([1, 5, 5, 6], [0, 3, 6, 7]), /filter must not be empty, got \[0,3,6,7\]/],
    [() => conv2dGeometry([1, 2, 2, 6], [3, 3, 6, 7]), /no output is left: height 2/],
    [() => conv2dGeometry([1, 5, 5, 6], [3, 3, 6, 7], { biasShape: [6] }), /bias must have shape \[7\].*got \[6\]/],
    [
      () => conv2dGeometry([1, 5, 5, 6], [3, 3, 6, 7], { activation: 'gelu' as never }),
      /activation must be one of linear, relu.*got 'gelu'/,
    ],
    [() => conv2dGeometry([1, 5, 5, 6], [3, 3, 6, 7], { pads: -1 }), /pads must be/],
    [() => depthwiseConv2dGeometry([1, 5, 5, 6], [3, 3, 5, 2]), /x has 6 channels.*is for 5/],
    [() => depthwiseConv2dGeometry([1, 5, 5, 6], [3, 3, 6, 2], { biasShape: [6] }), /bias must have shape \[12\]/],
    [() => denseGeometry([2, 3, 4], [4, 5]), /x must have rank 2.*flatten it first/],
    [() => denseGeometry([2, 3], [4, 5]), /x has 3 columns.*takes 4 inputs/],
    [() => denseGeometry([2, 3], [3]), /filter must have rank 2/],
  ])('%#', (make, message) => expect(make).toThrow(message));
});
