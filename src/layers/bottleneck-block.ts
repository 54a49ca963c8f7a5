import { type Config, registerLayer } from './cnn-layer.js';
import { Residual, type ResidualOptions } from './residual.js';

/** Options of BottleneckBlock. */
export interface BottleneckBlockOptions extends ResidualOptions {
  /** Channels of the two inner convolutions' outputs; default a quarter of `filters`. */
  width?: number;
  /** Groups of the 3x3 convolution (ResNeXt, arXiv 1611.05431); default 1. */
  groups?: number;
  /** Which convolution has the stride: 'second', the 3x3 (default, torchvision's v1.5), or 'first', the 1x1 (the paper, Keras's v1). */
  strideIn?: 'first' | 'second';
}

/**
 * A 1x1 convolution to fewer channels, a 3x3, a 1x1 to more, and a shortcut around them.
 * Source: He et al. (2015), arXiv 1512.03385, figure 5 right.
 */
export class BottleneckBlock extends Residual {
  static className = 'CnnBottleneckBlock';
  private readonly inner: Pick<Required<BottleneckBlockOptions>, 'width' | 'groups' | 'strideIn'>;

  constructor(options: BottleneckBlockOptions) {
    super(options);
    const { filters, strides } = this;
    const { width = filters / 4, groups = 1, strideIn = 'second' } = options;
    this.inner = { width: this.positiveInteger('width', width), groups, strideIn };
    if (strideIn !== 'first' && strideIn !== 'second') this.refuse('strideIn', "'first' or 'second'", strideIn);
    this.assemble([
      { filters: width, kernelSize: 1, strides: strideIn === 'first' ? strides : 1 },
      { filters: width, kernelSize: 3, padding: 1, groups, strides: strideIn === 'second' ? strides : 1 },
      { filters, kernelSize: 1 },
    ]);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.inner };
  }
}
registerLayer(BottleneckBlock);
