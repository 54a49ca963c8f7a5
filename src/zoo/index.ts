/** Builders of nets: one family a file. */

export {
  type CifarResNetOptions,
  cifarResNet20,
  cifarResNet32,
  cifarResNet44,
  cifarResNet56,
  cifarResNet110,
} from './cifar-res-net.js';
export { digitCodes } from './digit-codes.js';
export { type LeNet1998Options, leNet5, type ModernLeNetOptions } from './le-net.js';
export type { NetOptions, Variant } from './net-options.js';
export { type ResNetOptions, resNet18, resNet34 } from './res-net.js';
