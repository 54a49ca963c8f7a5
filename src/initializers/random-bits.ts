import { mixSeeds } from '../random.js';

/** Numbers made at a time: the state then stays in registers, and asking for one is a read of an array. */
const BLOCK = 1024;

/**
 * 32 random bits at a time, the same sequence for the same seeds on every machine.
 * Source: xoshiro128** 1.1, David Blackman and Sebastiano Vigna (public domain); its state is filled from the seeds by
 * mixSeeds, so that streams of neighbouring seeds have nothing in common.
 */
export class RandomBits {
  private readonly state: Int32Array;
  private readonly block = new Int32Array(BLOCK);
  private position = BLOCK;

  constructor(...seeds: number[]) {
    // The state must not be zero throughout; one odd word sees to it.
    this.state = Int32Array.from([1, 2, 3, 4], (word) => mixSeeds(word, ...seeds));
    this.state[0]! |= 1;
  }

  /** The next 32 bits, as an integer in [-2^31, 2^31). */
  next(): number {
    if (this.position === BLOCK) {
      this.nextBlock();
      this.position = 0;
    }
    return this.block[this.position++]!;
  }

  /** Many at once, which a loop reads fastest: an array that the next call, of whatever kind, writes anew. */
  nextBlock(): Int32Array {
    this.refill();
    this.position = BLOCK;
    return this.block;
  }

  /** Another stream, which this one's next bits decide. */
  branch(): RandomBits {
    return new RandomBits(this.next(), this.next());
  }

  /** Uniform in [0, 1), a multiple of 2^-32. */
  nextFraction(): number {
    return (this.next() >>> 0) / 2 ** 32;
  }

  /** Uniform over the integers 0 .. count - 1. */
  nextBelow(count: number): number {
    return Math.floor(this.nextFraction() * count);
  }

  private refill(): void {
    const { state, block } = this;
    const { imul } = Math;
    let a = state[0]!;
    let b = state[1]!;
    let c = state[2]!;
    let d = state[3]!;
    for (let i = 0; i < BLOCK; i++) {
      const scrambled = imul(b, 5);
      block[i] = imul((scrambled << 7) | (scrambled >>> 25), 9);
      const shifted = b << 9;
      c ^= a;
      d ^= b;
      b ^= c;
      a ^= d;
      c ^= shifted;
      d = (d << 11) | (d >>> 21);
    }
    state.set([a, b, c, d]);
  }
}
