import { browserPackage } from './browser-package.js';

/**
 * A page's script with all that it imports.
 * @param entry path of its file
 * @throws BackendError where esbuild is missing
 */
export async function bundlePage(entry: string): Promise<string> {
  const { build } = await browserPackage<typeof import('esbuild')>('esbuild', () => import('esbuild'));
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    target: 'es2022',
    // Packages say that their files do nothing when they are imported; registering backends is something.
    ignoreAnnotations: true,
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}
