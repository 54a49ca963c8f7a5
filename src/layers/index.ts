/** Layers over the package's ops: functions in the style of `tf.layers`, and the classes behind them. */
import { Activation, type ActivationOptions, type Sloped } from './activation.js';
import { AdaptiveAveragePooling2D, AdaptiveMaxPooling2D, type AdaptivePooling2DOptions } from './adaptive-pooling2d.js';
import { Add } from './add.js';
import { AddRelu } from './add-relu.js';
import { AveragePooling2D, type AveragePooling2DOptions } from './average-pooling2d.js';
import { BatchNormalization, type BatchNormalizationOptions } from './batch-normalization.js';
import { BottleneckBlock, type BottleneckBlockOptions } from './bottleneck-block.js';
import type { ImageLayerOptions, LayerOptions } from './cnn-layer.js';
import { ConcatChannels } from './concat-channels.js';
import { ConvTranspose2D, type ConvTranspose2DOptions } from './conv-transpose2d.js';
import { Conv2D, type Conv2DOptions } from './conv2d.js';
import { Dense, type DenseOptions } from './dense.js';
import { DenseBlock, type DenseBlockOptions } from './dense-block.js';
import { DenseLayer, type DenseLayerOptions } from './dense-layer.js';
import { DepthwiseConv2D, type DepthwiseConv2DOptions } from './depthwise-conv2d.js';
import { DepthwiseSeparableBlock, type DepthwiseSeparableBlockOptions } from './depthwise-separable-block.js';
import { Dropout, type DropoutOptions } from './dropout.js';
import { Fire, type FireOptions } from './fire.js';
import { Flatten } from './flatten.js';
import { GlobalAveragePooling2D, GlobalMaxPooling2D, type GlobalPooling2DOptions } from './global-pooling2d.js';
import { InceptionBlock, type InceptionBlockOptions } from './inception-block.js';
import {
  type InceptionV3Shape,
  inceptionV3Branches,
  type NaiveShape,
  naiveBranches,
  type ReducedShape,
  reducedBranches,
} from './inception-shapes.js';
import { InvertedResidual, type InvertedResidualOptions } from './inverted-residual.js';
import { JoinedConvolutions, type JoinedConvolutionsOptions } from './joined-convolutions.js';
import { L2Pooling2D } from './l2-pooling2d.js';
import { LocalResponseNormalization, type LocalResponseNormalizationOptions } from './local-response-normalization.js';
import { LocallyConnected2D, type LocallyConnected2DOptions } from './locally-connected2d.js';
import { MaxPoolingWithSwitches2D } from './max-pooling-with-switches2d.js';
import { MaxPooling2D, type MaxPooling2DOptions } from './max-pooling2d.js';
import { MaxUnpooling2D, type MaxUnpooling2DOptions } from './max-unpooling2d.js';
import { Maxout, type MaxoutOptions } from './maxout.js';
import { NetworkInNetwork, type NetworkInNetworkOptions } from './network-in-network.js';
import type { Pooling2DOptions, PoolingWindow } from './pooling2d.js';
import { RbfOutput, type RbfOutputOptions } from './rbf-output.js';
import { ResidualBlock, type ResidualBlockOptions } from './residual-block.js';
import { Subsampling2D, type Subsampling2DOptions } from './subsampling2d.js';
import { TableConv2D, type TableConv2DOptions } from './table-conv2d.js';
import { TransitionBlock, type TransitionBlockOptions } from './transition-block.js';
import { UpSampling2D, type UpSampling2DOptions } from './up-sampling2d.js';
import { ZeroPaddedShortcut, type ZeroPaddedShortcutOptions } from './zero-padded-shortcut.js';
import { ZeroPadding2D, type ZeroPadding2DOptions } from './zero-padding2d.js';

/** An activation as a layer of its own: see {@link Activation}. */
export const activation = (options: ActivationOptions): Activation => new Activation(options);
/** Means over as many bins as are asked for: see {@link AdaptiveAveragePooling2D}. */
export const adaptiveAveragePooling2d = (options: AdaptivePooling2DOptions): AdaptiveAveragePooling2D =>
  new AdaptiveAveragePooling2D(options);
/** Largest values over as many bins as are asked for: see {@link AdaptiveMaxPooling2D}. */
export const adaptiveMaxPooling2d = (options: AdaptivePooling2DOptions): AdaptiveMaxPooling2D =>
  new AdaptiveMaxPooling2D(options);
/** a + b of two inputs: see {@link Add}. */
export const add = (options?: LayerOptions): Add => new Add(options);
/** relu(a + b) of two inputs: see {@link AddRelu}. */
export const addRelu = (options?: LayerOptions): AddRelu => new AddRelu(options);
/** Mean of each window: see {@link AveragePooling2D}. */
export const averagePooling2d = (options?: AveragePooling2DOptions): AveragePooling2D => new AveragePooling2D(options);
/** Batch normalisation, channel by channel: see {@link BatchNormalization}. */
export const batchNormalization = (options?: BatchNormalizationOptions): BatchNormalization => new BatchNormalization(options);
/** Convolutions 1x1, 3x3, 1x1 and a shortcut around them: see {@link BottleneckBlock}. */
export const bottleneckBlock = (options: BottleneckBlockOptions): BottleneckBlock => new BottleneckBlock(options);
/** Several inputs side by side along the last axis: see {@link ConcatChannels}. */
export const concatChannels = (options?: LayerOptions): ConcatChannels => new ConcatChannels(options);
/** Convolution: see {@link Conv2D}. */
export const conv2d = (options: Conv2DOptions): Conv2D => new Conv2D(options);
/** Convolution that enlarges: see {@link ConvTranspose2D}. */
export const convTranspose2d = (options: ConvTranspose2DOptions): ConvTranspose2D => new ConvTranspose2D(options);
/** Fully connected: see {@link Dense}. */
export const dense = (options: DenseOptions): Dense => new Dense(options);
/** Dense layers, each of which sees all before it: see {@link DenseBlock}. Not fully connected. */
export const denseBlock = (options: DenseBlockOptions): DenseBlock => new DenseBlock(options);
/** New feature maps from all before them: see {@link DenseLayer}. Not fully connected: that is {@link dense}. */
export const denseLayer = (options: DenseLayerOptions): DenseLayer => new DenseLayer(options);
/** Convolution of each channel on its own: see {@link DepthwiseConv2D}. */
export const depthwiseConv2d = (options: DepthwiseConv2DOptions): DepthwiseConv2D => new DepthwiseConv2D(options);
/** MobileNetV1's depthwise and 1x1 convolutions: see {@link DepthwiseSeparableBlock}. */
export const depthwiseSeparableBlock = (options: DepthwiseSeparableBlockOptions): DepthwiseSeparableBlock =>
  new DepthwiseSeparableBlock(options);
/** Zeros at random places in training: see {@link Dropout}. */
export const dropout = (options: DropoutOptions): Dropout => new Dropout(options);
/** SqueezeNet's squeeze and expand: see {@link Fire}. */
export const fire = (options: FireOptions): Fire => new Fire(options);
/** [batch, ...] as [batch, size]: see {@link Flatten}. */
export const flatten = (options?: LayerOptions): Flatten => new Flatten(options);
/** Mean over height and width: see {@link GlobalAveragePooling2D}. */
export const globalAveragePooling2d = (options?: GlobalPooling2DOptions): GlobalAveragePooling2D =>
  new GlobalAveragePooling2D(options);
/** Largest value over height and width: see {@link GlobalMaxPooling2D}. */
export const globalMaxPooling2d = (options?: GlobalPooling2DOptions): GlobalMaxPooling2D => new GlobalMaxPooling2D(options);
/** Branches of convolutions and pools side by side: see {@link InceptionBlock}. */
export const inceptionBlock = (options: InceptionBlockOptions): InceptionBlock => new InceptionBlock(options);
/** Inception v3's blocks, as {@link InceptionBlock}s: see {@link InceptionV3Shape}. */
export const inceptionV3Block = (options: InceptionV3Shape & Omit<InceptionBlockOptions, 'branches'>): InceptionBlock =>
  new InceptionBlock({ ...options, branches: inceptionV3Branches(options) });
/** Convolutions of several inputs, written into one tensor: see {@link JoinedConvolutions}. */
export const joinedConvolutions = (options: JoinedConvolutionsOptions): JoinedConvolutions => new JoinedConvolutions(options);
/** MobileNetV2's block, wide inside and narrow at its ends: see {@link InvertedResidual}. */
export const invertedResidual = (options: InvertedResidualOptions): InvertedResidual => new InvertedResidual(options);
/** Root of the sum of squares of each window: see {@link L2Pooling2D}. */
export const l2Pooling2d = (options?: Pooling2DOptions): L2Pooling2D => new L2Pooling2D(options);
/** Each value divided by a power of the squares of its neighbours in the channels: see {@link LocalResponseNormalization}. */
export const localResponseNormalization = (options?: LocalResponseNormalizationOptions): LocalResponseNormalization =>
  new LocalResponseNormalization(options);
/** Convolution whose filters differ from place to place: see {@link LocallyConnected2D}. */
export const locallyConnected2d = (options: LocallyConnected2DOptions): LocallyConnected2D => new LocallyConnected2D(options);
/** Largest value of each window: see {@link MaxPooling2D}. */
export const maxPooling2d = (options?: MaxPooling2DOptions): MaxPooling2D => new MaxPooling2D(options);
/** Largest value of each window, and where it was: see {@link MaxPoolingWithSwitches2D}. */
export const maxPoolingWithSwitches2d = (options?: MaxPooling2DOptions): MaxPoolingWithSwitches2D =>
  new MaxPoolingWithSwitches2D(options);
/** Values back to where they were the largest: see {@link MaxUnpooling2D}. */
export const maxUnpooling2d = (options?: MaxUnpooling2DOptions): MaxUnpooling2D => new MaxUnpooling2D(options);
/** Largest of each few neighbouring channels: see {@link Maxout}. */
export const maxout = (options: MaxoutOptions): Maxout => new Maxout(options);
/** 1x1, 3x3, 5x5 and a max pool side by side, as an {@link InceptionBlock}. */
export const naiveInception = (options: NaiveShape & Omit<InceptionBlockOptions, 'branches'>): InceptionBlock =>
  new InceptionBlock({ ...options, branches: naiveBranches(options) });
/** A convolution and two 1x1 convolutions behind it: see {@link NetworkInNetwork}. */
export const networkInNetwork = (options: NetworkInNetworkOptions): NetworkInNetwork => new NetworkInNetwork(options);
/** Distances from fixed codes: the output of LeNet-5 as published: see {@link RbfOutput}. */
export const rbfOutput = (options: RbfOutputOptions): RbfOutput => new RbfOutput(options);
/** GoogLeNet's block, with 1x1 convolutions before the large ones and behind the pool, as an {@link InceptionBlock}. */
export const reducedInception = (options: ReducedShape & Omit<InceptionBlockOptions, 'branches'>): InceptionBlock =>
  new InceptionBlock({ ...options, branches: reducedBranches(options) });
/** Two convolutions and a shortcut around them: see {@link ResidualBlock}. */
export const residualBlock = (options: ResidualBlockOptions): ResidualBlock => new ResidualBlock(options);
/** LeNet-5's subsampling, with a coefficient and a bias a channel: see {@link Subsampling2D}. */
export const subsampling2d = (options?: Subsampling2DOptions): Subsampling2D => new Subsampling2D(options);
/** Convolution whose outputs see the input channels of a table: see {@link TableConv2D}. */
export const tableConv2d = (options: TableConv2DOptions): TableConv2D => new TableConv2D(options);
/** What halves size and channels between dense blocks: see {@link TransitionBlock}. */
export const transitionBlock = (options?: TransitionBlockOptions): TransitionBlock => new TransitionBlock(options);
/** Larger pictures, by repeating or in straight lines: see {@link UpSampling2D}. */
export const upSampling2d = (options?: UpSampling2DOptions): UpSampling2D => new UpSampling2D(options);
/** The shortcut without weights that changes size: see {@link ZeroPaddedShortcut}. */
export const zeroPaddedShortcut = (options: ZeroPaddedShortcutOptions): ZeroPaddedShortcut => new ZeroPaddedShortcut(options);
/** Zeros around the picture: see {@link ZeroPadding2D}. */
export const zeroPadding2d = (options?: ZeroPadding2DOptions): ZeroPadding2D => new ZeroPadding2D(options);

export type { Recomputation } from '../recompute.js';
export { BasicConvBlock, type BasicConvBlockOptions, type ConvolutionStep } from './basic-conv-block.js';
export type { NormalizingVectors } from './batch-normalization.js';
export { Block, type BlockOptions, type Walk } from './block.js';
export { ConvBlock, type ConvBlockOptions, type Normalization } from './block-parts.js';
export { CnnLayer } from './cnn-layer.js';
export type { InceptionBranch, PoolingStep, SplitStep } from './inception-block.js';
export type {
  InceptionV3A,
  InceptionV3BDE,
  InceptionV3C,
  InceptionV3Common,
  InceptionV3Shape,
  NaiveShape,
  ReducedShape,
} from './inception-shapes.js';
export type { BiasOptions, KernelOptions } from './kernel-layer.js';
export type { ActivationName } from './layer-activation.js';
export type { LayerWindow } from './layer-window.js';
export { Residual, type ResidualOptions, type Shortcut } from './residual.js';
export type {
  Constraint,
  ConstraintOption,
  Initializer,
  InitializerName,
  InitializerOption,
  Regularizer,
  RegularizerOption,
  Serialized,
} from './serializable-options.js';
export { UniformWithin, type UniformWithinOptions } from './uniform-within.js';
export type { WindowLayerOptions, WindowParameters } from './window-layer.js';
export type {
  ActivationOptions,
  AdaptivePooling2DOptions,
  AveragePooling2DOptions,
  BatchNormalizationOptions,
  BottleneckBlockOptions,
  Conv2DOptions,
  ConvTranspose2DOptions,
  DenseBlockOptions,
  DenseLayerOptions,
  DenseOptions,
  DepthwiseConv2DOptions,
  DepthwiseSeparableBlockOptions,
  DropoutOptions,
  FireOptions,
  GlobalPooling2DOptions,
  ImageLayerOptions,
  InceptionBlockOptions,
  InvertedResidualOptions,
  JoinedConvolutionsOptions,
  LayerOptions,
  LocallyConnected2DOptions,
  LocalResponseNormalizationOptions,
  MaxoutOptions,
  MaxPooling2DOptions,
  MaxUnpooling2DOptions,
  NetworkInNetworkOptions,
  Pooling2DOptions,
  PoolingWindow,
  RbfOutputOptions,
  ResidualBlockOptions,
  Sloped,
  Subsampling2DOptions,
  TableConv2DOptions,
  TransitionBlockOptions,
  UpSampling2DOptions,
  ZeroPaddedShortcutOptions,
  ZeroPadding2DOptions,
};
export {
  Activation,
  AdaptiveAveragePooling2D,
  AdaptiveMaxPooling2D,
  Add,
  AddRelu,
  AveragePooling2D,
  BatchNormalization,
  BottleneckBlock,
  ConcatChannels,
  Conv2D,
  ConvTranspose2D,
  Dense,
  DenseBlock,
  DenseLayer,
  DepthwiseConv2D,
  DepthwiseSeparableBlock,
  Dropout,
  Fire,
  Flatten,
  GlobalAveragePooling2D,
  GlobalMaxPooling2D,
  InceptionBlock,
  InvertedResidual,
  JoinedConvolutions,
  L2Pooling2D,
  LocallyConnected2D,
  LocalResponseNormalization,
  Maxout,
  MaxPooling2D,
  MaxPoolingWithSwitches2D,
  MaxUnpooling2D,
  NetworkInNetwork,
  RbfOutput,
  ResidualBlock,
  Subsampling2D,
  TableConv2D,
  TransitionBlock,
  UpSampling2D,
  ZeroPaddedShortcut,
  ZeroPadding2D,
};
