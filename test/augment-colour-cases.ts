/** Colours, blur and boxes, for pictures of at least 7 x 9 pixels. All is whole numbers: tensors hold the bytes on every backend. */
import type { AugmentCase } from './augment-cases.js';

export const colourCases: readonly AugmentCase[] = [
  { name: 'adjustBrightness darker', run: (x, { adjustBrightness }) => adjustBrightness(x, 0.3), exact: true },
  { name: 'adjustBrightness lighter', run: (x, { adjustBrightness }) => adjustBrightness(x, 1.7), exact: true },
  { name: 'adjustContrast less', run: (x, { adjustContrast }) => adjustContrast(x, 0.3), exact: true },
  { name: 'adjustContrast more', run: (x, { adjustContrast }) => adjustContrast(x, 2.1), exact: true },
  { name: 'adjustSaturation less', run: (x, { adjustSaturation }) => adjustSaturation(x, 0.3), exact: true },
  { name: 'adjustSaturation more', run: (x, { adjustSaturation }) => adjustSaturation(x, 2.1), exact: true },
  { name: 'adjustHue', run: (x, { adjustHue }) => adjustHue(x, 0.13), exact: true },
  { name: 'adjustHue backwards', run: (x, { adjustHue }) => adjustHue(x, -0.5), exact: true },
  { name: 'adjustGamma', run: (x, { adjustGamma }) => adjustGamma(x, 0.6, 1.1), exact: true },
  { name: 'adjustSharpness smooth', run: (x, { adjustSharpness }) => adjustSharpness(x, 0.2), exact: true },
  { name: 'adjustSharpness sharp', run: (x, { adjustSharpness }) => adjustSharpness(x, 1.9), exact: true },
  { name: 'greyscale', run: (x, { greyscale }) => greyscale(x), exact: true },
  { name: 'gaussianBlur', run: (x, { gaussianBlur }) => gaussianBlur(x, 5, 1.3), exact: true },
  { name: 'gaussianBlur wide', run: (x, { gaussianBlur }) => gaussianBlur(x, [13, 3], [4, 0.7]), exact: true },
  { name: 'posterize', run: (x, { posterize }) => posterize(x, 3), exact: true },
  { name: 'solarize', run: (x, { solarize }) => solarize(x, 127.5), exact: true },
  { name: 'autocontrast', run: (x, { adjustBrightness, autocontrast }) => autocontrast(adjustBrightness(x, 0.4)), exact: true },
  { name: 'equalize', run: (x, { equalize, pad }) => equalize(pad(x, 20, { paddingMode: 'symmetric' })), exact: true },
  { name: 'shiftRgb', run: (x, { shiftRgb }) => shiftRgb(x, [30, -50.4, 7]), exact: true },
  { name: 'invert', run: (x, { invert }) => invert(x), exact: true },
  { name: 'erase', run: (x, { erase }) => erase(x, { top: 1, left: 3, height: 4, width: 5 }, [9, 99, 200]), exact: true },
];
