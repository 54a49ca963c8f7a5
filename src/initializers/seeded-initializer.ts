import { backend, type DataType, engine, type serialization, type Tensor, tensor, util } from '@tensorflow/tfjs-core';
import { initializers, type Shape } from '@tensorflow/tfjs-layers';
import { WasmCnnBackend } from '../backends/wasm-cnn/backend.js';
import { positiveNumber, refuse } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { RandomBits } from './random-bits.js';

/** What every seeded initializer takes. */
export interface SeedOptions {
  /**
   * Start of the random numbers: equal seeds give equal weights of a shape, on every machine; weights of another shape
   * draw numbers of their own. Default: others each time.
   */
  seed?: number | null;
}

/** Writes every value of a weight. */
export type Fill = (values: Float32Array, random: RandomBits) => void;

type StockInitializer = ReturnType<typeof initializers.ones>;

/** The base class of tfjs-layers' initializers, which that package keeps to itself: its layers take no object of another class. */
const StockInitializer = Object.getPrototypeOf(initializers.ones().constructor) as (abstract new () => StockInitializer) &
  Pick<typeof serialization.Serializable, 'fromConfig'>;

/**
 * How weights begin: random float32 values, the same for the same seed on every backend and engine. On 'wasm-cnn' they
 * are made when first asked for, so that a net whose weights are then loaded, or that is only looked at, costs no memory.
 * Layers of tfjs-layers take them too.
 */
export abstract class SeededInitializer extends StockInitializer {
  protected readonly seed: number | null;

  constructor({ seed }: SeedOptions) {
    super();
    if (seed != null && !Number.isInteger(seed)) refuse(this.getClassName(), 'seed', 'an integer', seed);
    this.seed = seed ?? null;
  }

  /** What fills a weight of that shape; everything about the shape is refused here. */
  protected abstract fillOf(shape: readonly number[]): Fill;

  /**
   * A weight of that shape.
   *
   * @throws ArgumentError where dtype is not float32, or the initializer has no meaning for the shape
   */
  override apply(shape: Shape, dtype: DataType = 'float32'): Tensor {
    if (dtype !== 'float32') throw new ArgumentError(`${this.getClassName()}: dtype must be 'float32', got '${dtype}'`);
    const sizes = shape as number[];
    const fill = this.fillOf(sizes);
    const seed = this.seed ?? Math.floor(Math.random() * 2 ** 32);
    const make = (values: Float32Array): void => fill(values, new RandomBits(seed, ...sizes));
    const length = util.sizeFromShape(sizes);
    const current = backend();
    if (current instanceof WasmCnnBackend) {
      return engine().makeTensorFromDataId(current.writeLazily(length, make), sizes, 'float32', current);
    }
    const values = new Float32Array(length);
    make(values);
    return tensor(values, sizes);
  }

  /** The options, as a saved model holds them. */
  override getConfig(): serialization.ConfigDict {
    return { seed: this.seed };
  }

  /** @throws ArgumentError where the option is not a finite number above zero */
  protected positive(option: string, value: number): number {
    return positiveNumber(this.getClassName(), option, value);
  }
}
