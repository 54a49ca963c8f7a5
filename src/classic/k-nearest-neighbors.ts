import { type Tensor2D, tensor2d } from '@tensorflow/tfjs-core';
import { positiveInteger } from '../checks.js';
import { ArgumentError } from '../geometry.js';
import { breathing } from '../train/breathe.js';
import { classIndices, type Labels, type Rows, rowsOf, sliceRows } from './examples.js';
import { METRICS, type Metric, norm } from './metric.js';
import { Shortlist } from './shortlist.js';

/** Options of KNearestNeighbors. */
export interface KNearestNeighborsOptions {
  /** Neighbours that vote; default 1. */
  k?: number;
  /** 'l2' (default): sqrt of the summed squared differences; 'l1': sum of the absolute ones. */
  metric?: keyof typeof METRICS;
}

/** The nearest training examples of some queries, nearest first; of equally near ones the earlier. */
export interface Neighbors {
  /** Their places in the training part, [queries, k]. */
  readonly places: Int32Array;
  /** How far they are, [queries, k]. */
  readonly distances: Float64Array;
}

/** Share of right answers over some examples. */
export interface Accuracy {
  /** In [0, 1]. */
  readonly accuracy: number;
  /** Number of examples. */
  readonly count: number;
}

/** Options of what may take long. */
export interface Interruptible {
  /** Ends the work; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** Floats of a block of training examples: some 16 MB, and as much again for what is computed of it. */
const BLOCK = 2 ** 22;

/**
 * Classifies by the majority of the k nearest training examples; where classes have equally many, the one of the nearest
 * among them. Pairs are ranked in blocks by tfjs ops, whose rounding cannot change the result: what may be among the
 * nearest is measured again in float64.
 * Source: Cover and Hart 1967; the CS231n notes, "Image Classification".
 */
export class KNearestNeighbors {
  private readonly k: number;
  private readonly metric: Metric;
  private training: Rows | undefined;
  private labels = new Int32Array();
  private classes = 0;

  /** @throws ArgumentError for a k that is no positive integer, or an unknown metric */
  constructor({ k = 1, metric = 'l2' }: KNearestNeighborsOptions = {}) {
    if (!Object.hasOwn(METRICS, metric)) {
      throw new ArgumentError(`KNearestNeighbors: metric must be one of ${Object.keys(METRICS).join(', ')}, got '${metric}'`);
    }
    this.k = positiveInteger('KNearestNeighbors', 'k', k);
    this.metric = METRICS[metric];
  }

  /**
   * Remembers the training part.
   *
   * @param x      [examples, features], read out: it may be disposed then
   * @param labels class indices, one of each example
   * @throws ArgumentError, GeometryError where they do not fit together, or there are fewer than k
   */
  async fit(x: Tensor2D, labels: Labels): Promise<void> {
    const training = await rowsOf('KNearestNeighbors.fit', x);
    const known = classIndices('KNearestNeighbors.fit', labels, training.count);
    if (training.count < this.k) {
      throw new ArgumentError(`KNearestNeighbors.fit: x must have at least k = ${this.k} examples, got ${training.count}`);
    }
    Object.assign(this, { training, ...known });
  }

  /**
   * The k nearest training examples of each query.
   *
   * @throws ArgumentError before fit, or where values are no finite numbers; GeometryError for queries of other features
   */
  async neighbors(x: Tensor2D, { signal }: Interruptible = {}): Promise<Neighbors> {
    const { training, k, metric } = this;
    if (!training) throw new ArgumentError('KNearestNeighbors: fit must be called first');
    const queries = await rowsOf('KNearestNeighbors', x, training.features);
    const lists = this.shortlists(queries, training);
    await this.rankAll(queries, training, lists, signal);

    const places = new Int32Array(queries.count * k);
    const distances = new Float64Array(queries.count * k);
    lists.forEach((list, q) => {
      const query = sliceRows(queries, q, q + 1);
      const measured = list.candidates().map((place) => {
        return { place, distance: metric.distance(query, sliceRows(training, place, place + 1)) };
      });
      if (measured.length < k) throw new ArgumentError(`KNearestNeighbors: x must hold finite numbers; row ${q} is far from all`);
      // Sorting is stable: of equally near ones the earlier comes first.
      measured.sort((a, b) => a.distance - b.distance);
      for (let i = 0; i < k; i++) {
        places[q * k + i] = measured[i]!.place;
        distances[q * k + i] = measured[i]!.distance;
      }
    });
    return { places, distances };
  }

  /** The class of each query. */
  async predict(x: Tensor2D, options?: Interruptible): Promise<Int32Array> {
    const { places } = await this.neighbors(x, options);
    const { k, labels } = this;
    return Int32Array.from({ length: places.length / k }, (_, q) => {
      const near = Array.from(places.subarray(q * k, (q + 1) * k), (place) => labels[place]!);
      const votes = new Map<number, number>();
      for (const label of near) votes.set(label, (votes.get(label) ?? 0) + 1);
      const most = Math.max(...votes.values());
      return near.find((label) => votes.get(label) === most)!;
    });
  }

  /** Share of the votes that each class has, [queries, classes]. */
  async scores(x: Tensor2D, options?: Interruptible): Promise<Tensor2D> {
    const { places } = await this.neighbors(x, options);
    const { k, labels, classes } = this;
    const shares = new Float32Array((places.length / k) * classes);
    places.forEach((place, i) => {
      shares[Math.floor(i / k) * classes + labels[place]!]! += 1 / k;
    });
    return tensor2d(shares, [places.length / k, classes]);
  }

  /** Share of the queries whose class is predicted rightly. */
  async evaluate(x: Tensor2D, labels: Labels, options?: Interruptible): Promise<Accuracy> {
    const predicted = await this.predict(x, options);
    const { labels: right } = classIndices('KNearestNeighbors.evaluate', labels, predicted.length);
    return { accuracy: predicted.filter((label, i) => label === right[i]).length / predicted.length, count: predicted.length };
  }

  private shortlists(queries: Rows, training: Rows): Shortlist[] {
    const { k, metric } = this;
    let largest = 0;
    for (let place = 0; place < training.count; place++) largest = Math.max(largest, norm(training, place));
    return Array.from({ length: queries.count }, (_, q) => {
      const own = norm(queries, q);
      return new Shortlist(k, (limit) => metric.slack(limit, training.features, own, largest));
    });
  }

  /** Shows every query's list the ranks of all training examples. */
  private async rankAll(queries: Rows, training: Rows, lists: Shortlist[], signal: AbortSignal | undefined): Promise<void> {
    const { metric } = this;
    const { count, features } = training;
    const breathe = breathing();
    const step = Math.max(1, Math.floor(BLOCK / Math.max(features, metric.queries)));
    for (let begin = 0; begin < count; begin += step) {
      const end = Math.min(begin + step, count);
      const ranker = metric.ranker(training, begin, end);
      try {
        for (let q = 0; q < queries.count; q += metric.queries) {
          const asked = Math.min(metric.queries, queries.count - q);
          const block = tensor2d(sliceRows(queries, q, q + asked), [asked, features]);
          const ranked = ranker.rank(block);
          const ranks = (await ranked.data()) as Float32Array;
          block.dispose();
          ranked.dispose();
          for (let i = 0; i < asked; i++) lists[q + i]!.add(ranks.subarray(i * (end - begin), (i + 1) * (end - begin)), begin);
          await breathe();
          signal?.throwIfAborted();
        }
      } finally {
        ranker.dispose();
      }
    }
  }
}
