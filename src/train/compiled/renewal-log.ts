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

/** Does all of it again, in that order. @param made gains what was made, by the renewals' places */
export function renewAll(renewals: readonly Renewal[], made: object[]): void {
  renewals.forEach((renewal, i) => {
    if ('make' in renewal) made[i] = renewal.make();
    else renewal.effect();
  });
}

/** A call's geometries, those that a renewal makes as it made them last. */
export function geometriesAnew(
  { geometries, renewals }: { readonly geometries: readonly object[]; readonly renewals: readonly (number | undefined)[] },
  made: readonly object[],
): object[] {
  return geometries.map((geometry, i) => (renewals[i] === undefined ? geometry : made[renewals[i]]!));
}
