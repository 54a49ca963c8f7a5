import { existsSync } from 'node:fs';

/** Who draws and computes: the GPU that Chromium finds, or the software driver that it brings, everywhere the same. */
export type Driver = 'gpu' | 'software';

const FLAGS: Readonly<Record<Driver, readonly string[]>> = {
  gpu: ['--enable-unsafe-webgpu', '--enable-features=Vulkan', '--ignore-gpu-blocklist', '--enable-unsafe-swiftshader'],
  // WebGL 2 and WebGPU by SwiftShader.
  software: [
    ...['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--enable-unsafe-webgpu'],
    ...['--enable-features=Vulkan', '--use-vulkan=swiftshader', '--use-webgpu-adapter=swiftshader'],
  ],
};

/** What Chromium is started with. @param sandbox its own, which refuses root and which most containers cannot have */
export function flagsOf(driver: Driver, sandbox: boolean): string[] {
  return [...FLAGS[driver], ...(sandbox ? [] : ['--no-sandbox'])];
}

/** Where systems put Chromium or Chrome; TFJS_CNN_CHROMIUM names another. */
export function findChromium(): string | undefined {
  const places = [
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return [process.env['TFJS_CNN_CHROMIUM'], ...places].find((path) => path && existsSync(path));
}
