/** Changes of where pixels stand, for pictures of at least 7 x 9 pixels and three channels. */
import type { Displacement, Pixels, Quadrilateral } from '../src/augment/index.js';
import type { AugmentCase } from './augment-cases.js';
import { uniform } from './golden-fill.js';

const fill = [10, 200, 77];
const box = { top: 1, left: 2, height: 5, width: 4 };
const bilinear = { interpolation: 'bilinear' } as const;
const tilted: [Quadrilateral, Quadrilateral] = [
  [
    [0, 0],
    [8, 0],
    [8, 6],
    [0, 6],
  ],
  [
    [1, 2],
    [7, 0],
    [8, 5],
    [0, 6],
  ],
];

/** Up to two pixels to every side. */
function displacement(x: Pixels): Displacement {
  const [height, width] = 'pixels' in x ? [x.height, x.width] : (x.shape.slice(-3) as [number, number, number]);
  return {
    dx: uniform('dx', height * width).map((value) => 2 * value),
    dy: uniform('dy', height * width).map((value) => 2 * value),
  };
}

export const geometryCases: readonly AugmentCase[] = [
  { name: 'flipHorizontal', run: (x, { flipHorizontal }) => flipHorizontal(x), exact: true },
  { name: 'flipVertical', run: (x, { flipVertical }) => flipVertical(x), exact: true },
  { name: 'crop', run: (x, { crop }) => crop(x, { top: 1, left: 2, height: 3, width: 5 }), exact: true },
  { name: 'centerCrop', run: (x, { centerCrop }) => centerCrop(x, [4, 6]), exact: true },
  { name: 'centerCrop to a square', run: (x, { centerCrop }) => centerCrop(x, 4), exact: true },
  { name: 'fiveCrop', run: (x, { fiveCrop }) => fiveCrop(x, [4, 6]), exact: true },
  { name: 'tenCrop', run: (x, { tenCrop }) => tenCrop(x, 5), exact: true },
  { name: 'tenCrop upside down', run: (x, { tenCrop }) => tenCrop(x, 5, { verticalFlip: true }), exact: true },
  { name: 'pad with zeros', run: (x, { pad }) => pad(x, 2), exact: true },
  { name: 'pad with a colour', run: (x, { pad }) => pad(x, { top: 1, bottom: 0, left: 3, right: 2 }, { fill }), exact: true },
  { name: 'pad with the edge', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'edge' }), exact: true },
  { name: 'pad by reflection', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'reflect' }), exact: true },
  { name: 'pad symmetrically', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'symmetric' }), exact: true },

  { name: 'resize smaller', run: (x, { resize }) => resize(x, [4, 5]) },
  { name: 'resize larger', run: (x, { resize }) => resize(x, [13, 14]) },
  { name: 'resize the shorter side', run: (x, { resize }) => resize(x, 5) },
  { name: 'resize to the nearest', run: (x, { resize }) => resize(x, [4, 17], { interpolation: 'nearest' }), exact: true },
  { name: 'resizedCrop', run: (x, { resizedCrop }) => resizedCrop(x, box, [6, 3]) },

  { name: 'rotate', run: (x, { rotate }) => rotate(x, 33), exact: true },
  { name: 'rotate by a right angle', run: (x, { rotate }) => rotate(x, 90, { expand: true }), exact: true },
  { name: 'rotate upside down', run: (x, { rotate }) => rotate(x, -180, bilinear), exact: true },
  { name: 'rotate, bilinear', run: (x, { rotate }) => rotate(x, -47.5, bilinear), rounded: true },
  { name: 'rotate and expand', run: (x, { rotate }) => rotate(x, 20, { expand: true, ...bilinear }), rounded: true },
  { name: 'rotate about a place', run: (x, { rotate }) => rotate(x, 75, { center: [2, 6.5], ...bilinear }), rounded: true },
  { name: 'rotate over a colour', run: (x, { rotate }) => rotate(x, 25, { fill, ...bilinear }), rounded: true },
  { name: 'rotate over a colour, nearest', run: (x, { rotate }) => rotate(x, 25, { fill }), exact: true },

  { name: 'affine turn', run: (x, { affine }) => affine(x, { angle: 33 }), exact: true },
  { name: 'affine move', run: (x, { affine }) => affine(x, { translate: [2, -1] }), exact: true },
  { name: 'affine scale', run: (x, { affine }) => affine(x, { scale: 1.3, ...bilinear }), rounded: true },
  { name: 'affine shear along x', run: (x, { affine }) => affine(x, { shear: 20, ...bilinear }), rounded: true },
  { name: 'affine shear along y', run: (x, { affine }) => affine(x, { shear: [0, -15], ...bilinear }), rounded: true },
  {
    name: 'affine all at once',
    run: (x, { affine }) =>
      affine(x, { angle: -20, translate: [1, 2], scale: 0.8, shear: [10, 5], center: [3, 4], fill: 128, ...bilinear }),
    rounded: true,
  },

  { name: 'perspective', run: (x, { perspective }) => perspective(x, ...tilted), rounded: true },
  {
    name: 'perspective, nearest',
    run: (x, { perspective }) => perspective(x, ...tilted, { interpolation: 'nearest' }),
    exact: true,
  },
  { name: 'perspective over a colour', run: (x, { perspective }) => perspective(x, ...tilted, { fill }), rounded: true },

  { name: 'elastic', run: (x, { elastic }) => elastic(x, displacement(x)), rounded: true },
  { name: 'elastic, nearest', run: (x, { elastic }) => elastic(x, displacement(x), { interpolation: 'nearest' }), exact: true },
  { name: 'elastic over a colour', run: (x, { elastic }) => elastic(x, displacement(x), { fill }), rounded: true },
];
