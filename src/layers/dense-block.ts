import { type Tensor, tidy } from '@tensorflow/tfjs-core';
import { concatChannels } from '../ops/concat/concat.js';
import { mixSeeds } from '../random.js';
import type { Recomputation } from '../recompute.js';
import type { Walk } from './block.js';
import { ConvBlock } from './block-parts.js';
import { type Config, registerLayer } from './cnn-layer.js';
import { ConcatChannels } from './concat-channels.js';
import { DenseLayer, type DenseLayerOptions, type Growth, growthOf } from './dense-layer.js';

/** Options of DenseBlock. */
export interface DenseBlockOptions extends DenseLayerOptions {
  /** How many dense layers. */
  layers: number;
}

/**
 * Dense layers (see {@link DenseLayer}; it has nothing to do with {@link Dense}), each of which sees the block's input and
 * the feature maps of all layers before it. Output: input and all feature maps side by side, channels + layers * growthRate.
 *
 * `recompute` is the scheme of arXiv 1707.06990: in the forward pass nothing is kept but the input and the `growthRate`
 * new feature maps of every layer, memory linear in the number of layers; the backward pass makes one layer's concatenation,
 * normalised and activated maps and bottleneck after the other's again. Otherwise all of them stay: memory is quadratic.
 *
 * Parts, as torchvision calls them: denselayer1, denselayer2, ...; concat. In `names`, parts of a dense layer are called
 * denselayer1.norm1, say.
 * Source: Huang, Liu, van der Maaten, Weinberger (2016), arXiv 1608.06993; Pleiss et al. (2017), arXiv 1707.06990.
 */
export class DenseBlock extends ConvBlock {
  static className = 'CnnDenseBlock';
  private readonly growth: Growth;
  private readonly denseLayers: readonly DenseLayer[];
  private readonly concat: ConcatChannels;

  constructor(options: DenseBlockOptions) {
    super(options);
    const { recompute, names } = this;
    this.growth = growthOf(options);
    const { seed } = this.growth;
    const count = this.positiveInteger('layers', options.layers);
    this.denseLayers = Array.from({ length: count }, (_, i) => {
      const part = `denselayer${i + 1}`;
      return this.part(DenseLayer, part, {
        ...this.inherited,
        ...this.growth,
        recompute,
        names: namesWithin(part, names),
        seed: seed === null ? null : mixSeeds(seed, i),
      });
    });
    this.concat = this.part(ConcatChannels, 'concat', {});
  }

  override wire<T>([x]: T[], through: Walk<T>): T {
    const features: T[] = [x!];
    for (const layer of this.denseLayers) features.push(through(layer, features));
    return through(this.concat, features);
  }

  /** Each layer is, so that what one needs is gone before the next one's comes. */
  protected override get runsTwice(): boolean {
    return false;
  }

  /**
   * What is kept anyway need not be put together of all its pieces each time: all maps so far and the new ones are two
   * pieces. Gradients are added in the same order, to the same bits.
   */
  protected override run(inputs: Tensor[], training: boolean, recomputation?: Recomputation): Tensor {
    if (this.recompute) return super.run(inputs, training, recomputation);
    return tidy(() => {
      let all = inputs[0]!;
      for (const layer of this.denseLayers) {
        const added = layer.call(all, { training, recomputation });
        const joined = concatChannels([all, added]);
        // The tape keeps what it needs; without one, nothing does.
        added.dispose();
        if (all !== inputs[0]) all.dispose();
        all = joined;
      }
      return all;
    });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), ...this.growth, layers: this.denseLayers.length };
  }
}
registerLayer(DenseBlock);

/** The names of the parts of a part. */
function namesWithin(part: string, names: Readonly<Record<string, string>>): Record<string, string> {
  const prefix = `${part}.`;
  const inside = Object.entries(names).filter(([name]) => name.startsWith(prefix));
  return Object.fromEntries(inside.map(([name, path]) => [name.slice(prefix.length), path]));
}
