import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..');

/** A package that is an ES module only, which jest's CommonJS cannot load: `jest.mock('d3-shape', () => commonJsOf('d3-shape'))`. */
export function commonJsOf(name: string): unknown {
  const bundle = execFileSync(join(root, 'node_modules/esbuild/bin/esbuild'), ['--bundle', '--format=cjs', '--platform=node'], {
    cwd: root,
    input: `export * from '${name}';`,
    encoding: 'utf8',
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', bundle)(module, module.exports, createRequire(__filename));
  return module.exports;
}
