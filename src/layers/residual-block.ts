import { registerLayer } from './cnn-layer.js';
import { Residual, type ResidualOptions } from './residual.js';

/** Options of ResidualBlock. */
export type ResidualBlockOptions = ResidualOptions;

/**
 * Two 3x3 convolutions and a shortcut around them; the first one has the stride.
 * Source: He et al. (2015), arXiv 1512.03385, figure 5 left.
 */
export class ResidualBlock extends Residual {
  static className = 'CnnResidualBlock';

  constructor(options: ResidualBlockOptions) {
    super(options);
    const { filters, strides } = this;
    const conv = { filters, kernelSize: 3, padding: 1 };
    this.assemble([{ ...conv, strides }, conv]);
  }
}
registerLayer(ResidualBlock);
