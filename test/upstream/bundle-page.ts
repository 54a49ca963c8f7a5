/** tfjs-core's specs of CNNs, with the page that runs them, as one script. */
import { join } from 'node:path';
import { build } from 'esbuild';

export async function bundleUpstream(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(__dirname, 'page.ts')],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // The specs import files of tfjs-core: all must be of one copy.
    mainFields: ['module', 'main'],
    // jasmine-core takes Node's name for it.
    define: { global: 'globalThis' },
    ignoreAnnotations: true,
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
