/** Flips, crops and pads, for pictures of at least 7 x 9 pixels. */
import type { AugmentCase } from './augment-cases.js';

const fill = [10, 200, 77];

export const geometryCases: readonly AugmentCase[] = [
  { name: 'flipHorizontal', run: (x, { flipHorizontal }) => flipHorizontal(x), exact: true },
  { name: 'flipVertical', run: (x, { flipVertical }) => flipVertical(x), exact: true },
  { name: 'crop', run: (x, { crop }) => crop(x, { top: 1, left: 2, height: 3, width: 5 }), exact: true },
  { name: 'centerCrop', run: (x, { centerCrop }) => centerCrop(x, [4, 6]), exact: true },
  { name: 'pad with zeros', run: (x, { pad }) => pad(x, 2), exact: true },
  { name: 'pad with a colour', run: (x, { pad }) => pad(x, { top: 1, bottom: 0, left: 3, right: 2 }, { fill }), exact: true },
  { name: 'pad with the edge', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'edge' }), exact: true },
  { name: 'pad by reflection', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'reflect' }), exact: true },
  { name: 'pad symmetrically', run: (x, { pad }) => pad(x, [2, 3], { paddingMode: 'symmetric' }), exact: true },
];
