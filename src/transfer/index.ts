/** Nets made of trained nets. */
export { type FullyConvolutionalOptions, toFullyConvolutional } from './fully-convolutional.js';
