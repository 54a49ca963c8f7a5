/** What users get: the tarball, installed elsewhere, imported, required, type-checked, bundled. */
import { copyFileSync, readFileSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type Plugin, transform } from 'esbuild';
import { PageHost } from './browser/browser.js';
import { Consumer, execute } from './package/installed.js';
import { describeIf, nodeBinary, nodeVersions, testIf } from './requires.js';

const root = resolve(__dirname, '..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { exports: Record<string, object> };
/** Subpaths that Node can load, as a user writes them; `./data/node` is absent from browsers. */
const subpaths = Object.keys(manifest.exports)
  .filter((key) => key !== './package.json')
  .map((key) => `tfjs-cnn${key.slice(1)}`);
const browserSubpaths = subpaths.filter((name) => !/[/]node(-|$)/.test(name));

/**
 * The package without tfjs, gzipped: what `import 'tfjs-cnn'` brings by itself (backend, ops, layers, so that saved models
 * load), and with every name in use (all nets, training, profiles, classifiers, and the readers and writers of eight formats of weights).
 */
const MAX_BYTES = { bare: 100_000, everything: 250_000 };

describe('the packed package', () => {
  let consumer: Consumer;
  beforeAll(() => {
    consumer = Consumer.create();
    // An optional peer, which npm does not install by itself.
    symlinkSync(join(root, 'node_modules/webgpu'), consumer.path('node_modules/webgpu'));
  }, 300_000);
  afterAll(() => consumer?.remove());

  const useBackend = `
    tf.setBackend('wasm-cnn').then(() => {
      console.log(JSON.stringify({backend: tf.getBackend(), names: Object.keys(cnn).sort()}));
    });`;

  test('can be imported and required, with the same names', () => {
    const imported = consumer.run(
      consumer.write('import.mjs', `import * as tf from '@tensorflow/tfjs-core'; import * as cnn from 'tfjs-cnn'; ${useBackend}`),
    );
    const required = consumer.run(
      consumer.write(
        'require.cjs',
        `const tf = require('@tensorflow/tfjs-core'); const cnn = require('tfjs-cnn'); ${useBackend}`,
      ),
    );
    expect(imported).toEqual({ backend: 'wasm-cnn', names: expect.arrayContaining(['conv2d', 'customGradOf']) });
    expect(required).toEqual(imported);
  });

  test.each(subpaths)('%s loads both ways', (subpath) => {
    const report = `console.log(JSON.stringify(Object.keys(part).sort()));`;
    const imported = consumer.run(consumer.write('part.mjs', `import * as part from '${subpath}'; ${report}`));
    const required = consumer.run(consumer.write('part.cjs', `const part = require('${subpath}'); ${report}`));
    expect(imported).not.toEqual([]);
    expect(required).toEqual(imported);
  });

  const modes = [
    { file: 'types.mts', module: 'NodeNext', moduleResolution: 'NodeNext' },
    { file: 'types.cts', module: 'NodeNext', moduleResolution: 'NodeNext' },
    { file: 'types.ts', module: 'ESNext', moduleResolution: 'Bundler' },
    // What TypeScript notebooks use.
    { file: 'types.ts', module: 'CommonJS', moduleResolution: 'Node10', more: { ignoreDeprecations: '6.0' } },
  ];
  test.each(modes)('types resolve for $file with $moduleResolution', ({ file, module, moduleResolution, more }) => {
    const imports = subpaths.map((subpath, i) => `import * as part${i} from '${subpath}';`).join('\n');
    consumer.write(
      file,
      `${imports}
       import * as tf from '@tensorflow/tfjs-core';
       import {conv2d} from 'tfjs-cnn';
       export const parts: object[] = [${subpaths.map((_, i) => `part${i}`).join(', ')}];
       export const y: tf.Tensor = conv2d(tf.zeros([1, 5, 5, 1]) as tf.Tensor4D, tf.zeros([3, 3, 1, 2]) as tf.Tensor4D, {pads: 'same'});
       // @ts-expect-error: a real declaration, not 'any'
       export const wrong: number = conv2d;`,
    );
    const options = { target: 'ES2022', lib: ['ES2022', 'DOM'], strict: true, noEmit: true, skipLibCheck: true, types: [] };
    consumer.write(
      'tsconfig.json',
      JSON.stringify({ compilerOptions: { ...options, module, moduleResolution, ...more }, files: [file] }),
    );
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execute(consumer.folder, process.execPath, tsc, '-p', consumer.path('tsconfig.json'));
  });

  describe('bundled for a browser', () => {
    const bundle = async (contents: string, external: string[], plugins: Plugin[] = []) => {
      const { outputFiles } = await build({
        stdin: { contents, resolveDir: consumer.folder },
        bundle: true,
        minify: true,
        platform: 'browser',
        format: external.length ? 'esm' : 'iife',
        external,
        plugins,
        write: false,
        logLevel: 'silent',
      });
      return outputFiles[0]!;
    };

    test.each(browserSubpaths)('%s needs no module of Node', async (name) => {
      // esbuild refuses to bundle one for a browser; what is left of an import is a package of tfjs.
      const { text } = await bundle(`export * from '${name}';`, ['@tensorflow/*']);
      for (const [, from] of text.matchAll(/\b(?:from|import)\s*["']([^"']+)["']/g)) expect(from).toMatch(/^@tensorflow\//);
    });

    /** What is imported when it is asked for, the kernels of a GPU say, is left out, as a bundler of chunks leaves it out. */
    const atOnce: Plugin = {
      name: 'at-once',
      setup({ onResolve }) {
        onResolve({ filter: /.*/ }, ({ kind, path }) => (kind === 'dynamic-import' ? { path, external: true } : undefined));
      },
    };

    test.each([
      ['bare', `import 'tfjs-cnn';`],
      ['everything', `export * from 'tfjs-cnn';`],
    ] as const)('stays small, tfjs left out: %s', async (what, source) => {
      const { contents } = await bundle(source, ['@tensorflow/*'], [atOnce]);
      expect(gzipSync(contents).length).toBeLessThanOrEqual(MAX_BYTES[what]);
    });

    testIf('chromium', 'keeps the backend, which is registered by a side effect', async () => {
      const { text } = await bundle(
        `import * as tf from '@tensorflow/tfjs-core'; import 'tfjs-cnn';
         globalThis.backend = async () => { await tf.setBackend('wasm-cnn'); return tf.getBackend(); };`,
        [],
      );
      const host = await PageHost.start(text);
      const page = await host.open('plain');
      expect(await page.evaluate('backend()')).toBe('wasm-cnn');
      await host.stop();
    });
  });

  describeIf('nodes', 'under other versions of Node', () => {
    interface Run {
      node: string;
      threads: number;
      losses: number[];
    }
    const runs = new Map<number, Run>();
    test.each(nodeVersions)('Node %i trains LeNet-5 with threads, and ends by itself', async (major) => {
      const { code } = await transform(readFileSync(join(__dirname, 'training.ts'), 'utf8'), { loader: 'ts', format: 'esm' });
      consumer.write('training.mjs', code);
      copyFileSync(join(__dirname, 'package/train.mjs'), consumer.path('train.mjs'));
      const run = consumer.run(consumer.path('train.mjs'), nodeBinary(major)) as Run;
      runs.set(major, run);
      expect(run.node).toMatch(new RegExp(`^v${major}\\.`));
      expect(run.threads).toBeGreaterThan(1);
      expect(run.losses.at(-1)).toBeLessThan(run.losses[0]!);
      // The same kernels on the same numbers; only Math.exp and its like may differ between engines.
      const first = runs.get(nodeVersions[0]!)!;
      run.losses.forEach((loss, step) => {
        expect(Math.abs(loss - first.losses[step]!)).toBeLessThanOrEqual(1e-4 * first.losses[step]!);
      });
    });
  });
});
