/** Pictures as seen from elsewhere. */
import { onlyKnown, refuse, shown } from '../../checks.js';
import { GeometryError } from '../../geometry.js';
import { unchanged } from '../operation.js';
import { type ChanceOptions, probability } from '../options.js';
import { PictureTransform } from '../picture-transform.js';
import { applied, type Pixels } from '../pixels.js';
import { type Projection, projected } from '../primitives/coordinates.js';
import type { Operation, PictureSize, Random } from '../transform.js';
import { registerTransform } from '../transform-registry.js';
import { linearSolve } from './linear-solve.js';
import { WARP_OPTIONS, type WarpOptions, warping, warpOptions } from './warp-options.js';

/** Four places [x, y] in pixels from the upper left: top left, top right, bottom right, bottom left. */
export type Quadrilateral = readonly (readonly [number, number])[];

/** Options of RandomPerspective. */
export interface RandomPerspectiveOptions extends WarpOptions, ChanceOptions {
  /** How far corners move at most, as part of half the height and width, 0..1; default 0.5. */
  distortionScale?: number;
}

/**
 * Moves four places of pictures to four others, and all else with them along straight lines. Source: torchvision's perspective.
 *
 * @param startPoints four places in the picture, [x, y]: top left, top right, bottom right, bottom left
 * @param endPoints where they come to lie
 * @param options default interpolation: 'bilinear'
 * @throws ArgumentError naming what is wrong with x or an option; GeometryError where three places lie on one line
 */
export function perspective<X extends Pixels>(
  x: X,
  startPoints: Quadrilateral,
  endPoints: Quadrilateral,
  options: WarpOptions = {},
): X {
  const warp = warpOptions('perspective', onlyKnown('perspective', options, WARP_OPTIONS), 'bilinear');
  const projection = projectionOf(corners('startPoints', startPoints), corners('endPoints', endPoints));
  return applied('perspective', x, (size) => warping('perspective', projected(projection, size.height, size.width), size, warp));
}

/** Moves the corners of pictures inwards at random, or not. Draws one number, and eight where they move. */
export class RandomPerspective extends PictureTransform<Required<RandomPerspectiveOptions>> {
  static readonly className: string = 'RandomPerspective';

  /** @throws ArgumentError naming the option that is wrong */
  constructor(options: RandomPerspectiveOptions = {}) {
    const where = 'RandomPerspective';
    const { distortionScale = 0.5, p = 0.5 } = options ?? {};
    super(
      {
        distortionScale: probability(where, 'distortionScale', distortionScale),
        p: probability(where, 'p', p),
        ...warpOptions(where, options, 'bilinear'),
      },
      options,
    );
  }

  draw(random: Random, size: PictureSize): Operation {
    const { distortionScale, p } = this.options;
    if (random() >= p) return unchanged;
    const { height, width } = size;
    const across = Math.floor(distortionScale * Math.floor(width / 2)) + 1;
    const down = Math.floor(distortionScale * Math.floor(height / 2)) + 1;
    const near = (bound: number): number => Math.floor(random() * bound);
    const far = (bound: number, length: number): number => length - bound + Math.floor(random() * bound);
    const endPoints: Quadrilateral = [
      [near(across), near(down)],
      [far(across, width), near(down)],
      [far(across, width), far(down, height)],
      [near(across), far(down, height)],
    ];
    const [right, bottom] = [width - 1, height - 1];
    const startPoints: Quadrilateral = [
      [0, 0],
      [right, 0],
      [right, bottom],
      [0, bottom],
    ];
    // Of pictures of few pixels the corners may meet; there is nothing to see from elsewhere then.
    const projection = solved(startPoints, endPoints);
    return projection === undefined
      ? unchanged
      : warping('RandomPerspective', projected(projection, height, width), size, this.options);
  }
}
registerTransform(RandomPerspective);

function corners(argument: string, points: Quadrilateral): Quadrilateral {
  const fits =
    Array.isArray(points) &&
    points.length === 4 &&
    points.every((point) => Array.isArray(point) && point.length === 2 && point.every(Number.isFinite));
  return fits ? points : refuse('perspective', argument, 'four places [x, y], finite numbers', points);
}

function projectionOf(startPoints: Quadrilateral, endPoints: Quadrilateral): Projection {
  const projection = solved(startPoints, endPoints);
  if (projection !== undefined) return projection;
  throw new GeometryError(
    `perspective: no three of four places may lie on one line, got ${shown(startPoints)} and ${shown(endPoints)}`,
  );
}

/**
 * The projection of the result's places to the picture's that takes endPoints to startPoints.
 * Source: torchvision's _get_perspective_coeffs.
 */
function solved(startPoints: Quadrilateral, endPoints: Quadrilateral): Projection | undefined {
  const rows = endPoints.flatMap(([x, y], i) => {
    const [u, v] = startPoints[i]!;
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  const solution = linearSolve(rows);
  return solution && ([...solution, 1] as unknown as Projection);
}
