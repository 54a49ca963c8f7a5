// Modules of src for scripts that run before there is a dist.
import { mkdirSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import esbuild from 'esbuild';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** The exports of a TypeScript file, by its path in src. */
export async function importBundled(file) {
  const outfile = join(root, 'build', `${basename(file, '.ts')}.mjs`);
  mkdirSync(dirname(outfile), { recursive: true });
  const entryPoints = [join(root, 'src', file)];
  await esbuild.build({ entryPoints, outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm' });
  return import(pathToFileURL(outfile).href);
}
