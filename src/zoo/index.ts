/** Builders of nets: one family a file. */

export { digitCodes } from './digit-codes.js';
export { type LeNet1998Options, leNet5, type ModernLeNetOptions } from './le-net.js';
