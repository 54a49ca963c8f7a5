/** Runs one part of an op on WebGL in Chromium, by its kernel, against float64. */
import type { Page } from 'playwright-core';
import type { ReadyOp } from '../src/backends/kernel-host.js';
import type { Named } from '../src/kernels.js';
import { bundlePage, exerciserOf, PageHost } from './browser/browser.js';
import { expectWithin, onReference, type Sides } from './kernel-sides.js';
import type { WebglExercises } from './webgl/page.js';

const exercise = exerciserOf<WebglExercises>();

/** This package's kernels on Chromium's software driver. */
export class WebglSide implements Pick<Sides, 'compare' | 'dispose'> {
  private constructor(
    private readonly host: PageHost,
    private readonly page: Page,
  ) {}

  static async create(): Promise<WebglSide> {
    const host = await PageHost.start(await bundlePage('webgl/page.ts'));
    const page = await host.open('plain');
    const { backend, renderer } = await exercise(page, 'begin');
    expect(backend).toBe('webgl');
    expect(renderer).toContain('SwiftShader');
    return new WebglSide(host, page);
  }

  /** Compares each output with the reference; no kernel of tfjs's own may run for it. */
  async compare<G extends object>(
    op: ReadyOp<G>,
    part: string,
    inputs: Named<Float32Array>,
    shapes: Named<number[]>,
    g: G,
    bound: (i: number, output: string) => number,
  ): Promise<void> {
    const given = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, [...values]]));
    const { outputs, composed } = await exercise(this.page, 'part', op.name, part, given, shapes, g);
    expect(composed).toEqual([]);
    const expected = onReference(op, part, inputs, g);
    Object.entries(op.parts[part]!.outputs).forEach(([name, shape], i) => {
      const found = outputs[i]!;
      expect(found.shape).toEqual(shape(g));
      expectWithin(`${name} by ${op.name} ${part}`, Float64Array.from(found.values), expected[name]!, (at) => bound(at, name));
    });
  }

  dispose(): Promise<void> {
    return this.host.stop();
  }
}
