import type { TensorInfo } from '@tensorflow/tfjs-core';
import { webgpu as matMul } from '../../ops/gemm/webgpu.js';
import { type AdapterFacts, adapterOf, type WebgpuBackend } from './backend.js';
import { WebgpuRunner } from './runner.js';
import { isUndecided, rememberChoice, TILE_CHOICES, type TileChoice } from './tiles.js';

/** A product as a middle layer has it, some two hundred million products of numbers. */
const M = 2048;
const N = 128;
const K = 512;

/** Launches that are timed together, and how often: the fastest counts. */
const LAUNCHES = 4;
const ROUNDS = 3;

/**
 * Finds out which tiles suit an adapter and remembers it, in this process and in those to come. Sums are cut and ordered by sizes alone, so results
 * differ by rounding at most: a driver may contract products and sums in one program and not in another. Software drivers are not
 * timed: for them workgroup memory is memory like any other, and compiling three programs takes seconds.
 */
export async function chooseTiles(backend: WebgpuBackend): Promise<void> {
  const adapter = adapterOf(backend);
  if (isSoftware(adapter)) rememberChoice(adapter, 'direct', false);
  else if (isUndecided(adapter)) rememberChoice(adapter, await fastest(backend, TILE_CHOICES), true);
}

/** Mesa's calls itself 'software', others by their names. */
function isSoftware({ architecture }: AdapterFacts): boolean {
  return ['swiftshader', 'software', 'llvmpipe', 'lavapipe', 'warp'].includes(architecture ?? '');
}

/** The choice whose product takes the least time. */
export async function fastest(backend: WebgpuBackend, candidates: readonly TileChoice[]): Promise<TileChoice> {
  const runner = new WebgpuRunner(backend);
  const [a, b] = [runner.output([M, K]), runner.output([K, N])];
  let best = candidates[0]!;
  let least = Infinity;
  try {
    for (const candidate of candidates) {
      runner.tiles = candidate;
      const milliseconds = await timed(runner, backend, a, b);
      if (milliseconds < least) [best, least] = [candidate, milliseconds];
    }
  } finally {
    runner.dispose(a);
    runner.dispose(b);
  }
  return best;
}

async function timed(runner: WebgpuRunner, backend: WebgpuBackend, a: TensorInfo, b: TensorInfo): Promise<number> {
  const run = async (times: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < times; i++) {
      const plain = { transposeA: false, transposeB: false, batch: 1, aStep: 0, bStep: 0, activation: 'linear' } as const;
      const [c] = matMul['forward']!({ a, b }, { ...plain, m: M, n: N, k: K, shape: [M, N] }, runner);
      runner.dispose(c!);
    }
    runner.submit();
    await backend.queue.onSubmittedWorkDone();
    return performance.now() - start;
  };
  // The first compiles.
  await run(1);
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) least = Math.min(least, await run(LAUNCHES));
  return least;
}
