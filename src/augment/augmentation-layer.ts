import { stack, type Tensor, type Tensor3D, type Tensor4D, tidy, unstack } from '@tensorflow/tfjs-core';
import type { Shape } from '@tensorflow/tfjs-layers';
import { GeometryError } from '../geometry.js';
import { type Config, type ImageLayerOptions, OneInputLayer, registerLayer, shapeText } from '../layers/cnn-layer.js';
import { mixSeeds, seededRandom } from '../random.js';
import type { Recomputation } from '../recompute.js';
import { transformsOf } from './compose.js';
import { inSequence } from './operation.js';
import type { Operation, PictureSize, Transform } from './transform.js';
import { type SerializedTransform, serializedTransform } from './transform-registry.js';

/** Options of the layer Augmentation. */
export interface AugmentationOptions extends ImageLayerOptions {
  /** Transforms that keep the size of pictures, or the JSON of them; applied one after another. */
  transforms: readonly (Transform | SerializedTransform)[];
  /**
   * An integer in [0, 2^32). With it, the number of training steps so far and the place in the batch, every picture's draws are
   * determined, on every backend. Default: another one each time.
   */
  seed?: number | null;
}

/**
 * Changes pictures at random in training, each by a draw of its own; else gives back its input. It is for a model's first layer:
 * float32 [batch, height, width, channels] with grey levels 0..255, in front of what scales them (what only moves pixels takes
 * any scale); nothing before it learns, so its gradient is of no use. A pipeline that changes bytes before they become tensors
 * takes a fraction of the time.
 *
 * Picture `place` of training step `step`, both from 0, draws from the seed mixed with step and place.
 */
export class Augmentation extends OneInputLayer {
  static className = 'CnnAugmentation';
  override readonly repeatable = false;
  readonly transforms: readonly Transform[];
  /** As given: a net that is loaded again draws anew where there was none. */
  private readonly givenSeed: number | null;
  private seed: number;
  private step = 0;

  constructor(options: AugmentationOptions) {
    super(options);
    const { transforms, seed = null } = options;
    if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32))
      this.refuse('seed', 'an integer in [0, 2^32)', seed);
    this.transforms = transformsOf(this.where, transforms);
    this.givenSeed = seed;
    this.seed = seed ?? Math.floor(Math.random() * 2 ** 32);
    this.expectRank(4);
  }

  override build(inputShape: Shape | Shape[]): void {
    super.build(inputShape);
    const [, height, width, channels] = this.computeOutputShape(inputShape);
    if (height != null && width != null && channels != null) this.expectSizeKept({ height, width, channels });
  }

  protected override forward(x: Tensor, training: boolean, recomputation?: Recomputation): Tensor {
    if (!training) return x;
    const [, height, width, channels] = x.shape as [number, number, number, number];
    const size = { height, width, channels };
    this.expectSizeKept(size);
    const step = recomputation ? recomputation.draw(() => this.nextStep()) : this.nextStep();
    return tidy(() => {
      const pictures = unstack(x as Tensor4D) as Tensor3D[];
      return stack(pictures.map((picture, place) => this.drawn(size, step, place).onTensor(picture)));
    });
  }

  private drawn(size: PictureSize, step: number, place: number): Operation {
    const random = seededRandom(mixSeeds(this.seed, step, place));
    return inSequence(this.transforms.map((transform) => transform.draw(random, size)));
  }

  private nextStep(): number {
    return this.step++;
  }

  /** In inference nothing happens, so whatever comes later must see the same sizes. */
  private expectSizeKept(size: PictureSize): void {
    for (const transform of this.transforms) {
      const after = transform.sizeAfter(size);
      const [was, is] = [size, after].map(({ height, width, channels }) => shapeText([height, width, channels]));
      if (was === is) continue;
      throw new GeometryError(
        `${this.where}: transforms must keep the size of pictures, which do not pass through them in inference, ` +
          `got ${is} from ${was} by ${transform.className}; change sizes before the model`,
      );
    }
  }

  override trainingState(): Readonly<Record<string, number>> {
    return { seed: this.seed, step: this.step };
  }

  override restoreTrainingState({ seed, step }: Readonly<Record<string, number>>): void {
    this.seed = seed!;
    this.step = step!;
  }

  protected override outputShapeOf(shape: Shape): Shape {
    return shape;
  }

  override getConfig(): Config {
    const transforms = this.transforms.map(serializedTransform) as unknown as Config[];
    return { ...super.getConfig(), transforms, seed: this.givenSeed, dataFormat: 'channelsLast' };
  }
}
registerLayer(Augmentation);

/** Random changes of pictures in training: see {@link Augmentation}. */
export const augmentation = (options: AugmentationOptions): Augmentation => new Augmentation(options);
