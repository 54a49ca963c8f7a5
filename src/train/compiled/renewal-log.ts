import type { RenewalListener } from '../../renewal.js';
import type { Renewal } from './recording.js';

/** Takes down what is made anew, or done, at each step, in the order of the first time. */
export class RenewalLog implements RenewalListener {
  readonly all: Renewal[] = [];
  private readonly places = new Map<object, number>();

  renewed(geometry: object, make: () => object): void {
    this.places.set(geometry, this.all.length);
    this.all.push({ make });
  }

  repeated(effect: () => void): void {
    this.all.push({ effect });
  }

  /** Which of them made a geometry; undefined where none did. */
  placeOf(geometry: object): number | undefined {
    return this.places.get(geometry);
  }
}
