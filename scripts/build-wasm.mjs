// Compiles every src/**/*.asm.ts into one WebAssembly module, with and without relaxed SIMD, and
// writes both, deflated, as base64 into src/backends/wasm-cnn/binary.generated.ts.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as zopfli from '@gfx/zopfli';
import asc from 'assemblyscript/asc';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const sources = readdirSync(join(root, 'src'), { recursive: true })
  .filter((file) => file.endsWith('.asm.ts'))
  .sort();
const build = join(root, 'build');
mkdirSync(build, { recursive: true });

// One entry that re-exports all kernels; asc exports what its entry file exports.
const entry = join(build, 'entry.ts');
writeFileSync(
  entry,
  sources.map((file) => `export * from '${relative(build, join(root, 'src', file)).replace(/\.ts$/, '')}';\n`).join(''),
);

async function compile(name, features) {
  const out = join(build, `${name}.wasm`);
  const { error, stderr } = await asc.main([
    relative(root, entry),
    '-O3',
    '--noAssert',
    '--runtime',
    'stub',
    '--importMemory',
    '--sharedMemory',
    '--maximumMemory',
    '65536',
    '--use',
    'abort=',
    '--enable',
    ['simd', 'threads', ...features].join(','),
    '--outFile',
    relative(root, out),
    '--textFile',
    relative(root, join(build, `${name}.wat`)),
    '--baseDir',
    root,
  ]);
  if (error) {
    console.error(stderr.toString());
    process.exit(1);
  }
  const binary = readFileSync(out);
  // Kernels run inside memories that are not ours (tfjs's wasm backend): nothing may be placed in them.
  if (WebAssembly.Module.customSections === undefined || /\(data /.test(readFileSync(join(build, `${name}.wat`), 'utf8'))) {
    throw new Error(`${name}: kernels must not have a data section (strings or static arrays in .asm.ts)`);
  }
  console.log(`${name}: ${binary.length} bytes, ${sources.length} sources`);
  return binary;
}

const builds = [await compile('simd', []), await compile('relaxed', ['relaxed-simd'])];

// Their blocks in turn: deflate looks 32 KiB back, so it sees in one build what it has seen in the other.
const BLOCK = 14336;
const blocks = [];
for (let at = 0; at < Math.max(...builds.map(({ length }) => length)); at += BLOCK) {
  for (const build of builds) blocks.push(build.subarray(at, at + BLOCK));
}
// Bytes that every page loads: some seconds of looking for the shortest form are well spent.
const packed = Buffer.from(await zopfli.deflateAsync(Buffer.concat(blocks), {}));
console.log(`both packed: ${packed.length} bytes`);
writeFileSync(
  join(root, 'src/backends/wasm-cnn/binary.generated.ts'),
  `/** Compiled from the .asm.ts files by \`npm run build:wasm\`; see binary.ts. Bytes of the builds: SIMD, relaxed SIMD. */\n` +
    `export const SIZES = ${JSON.stringify(builds.map(({ length }) => length))};\nexport const BLOCK = ${BLOCK};\n` +
    `export const PACKED = '${packed.toString('base64')}';\n`,
);
