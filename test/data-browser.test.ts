import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';

const root = resolve(__dirname, '..');

// esbuild refuses Node's modules on this platform.
it.each(['data', 'train'])('src/%s can be bundled for browsers', (part) => {
  const options = ['--bundle', '--platform=browser', '--format=esm', '--minify', '--log-level=error', '--external:@tensorflow/*'];
  const entry = join(root, 'src', part, 'index.ts');
  const bundle = execFileSync(join(root, 'node_modules/.bin/esbuild'), [entry, ...options], {
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  expect(bundle.length).toBeGreaterThan(1000);
});
