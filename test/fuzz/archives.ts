/** Zip archives whose entries are changed and wrapped again: their checksums are right. */
import { zipSync } from 'fflate';
import { memorySource } from '../../src/weights/formats/byte-source.js';
import { zipOf } from '../../src/weights/formats/zip/write-zip.js';
import { ZipArchive } from '../../src/weights/formats/zip/zip-archive.js';
import type { Seed } from './fuzz.js';

/** The archive itself, and each of those entries within the others as they are; stored, and once deflated. */
export async function seedsOfArchive(bytes: Uint8Array, changed: (name: string) => boolean): Promise<Seed[]> {
  const archive = await ZipArchive.open(memorySource('a seed', bytes));
  const contents = new Map<string, Uint8Array>();
  for (const name of archive.names) contents.set(name, await archive.read(name));
  const inner = [...contents].filter(([name]) => changed(name));
  const seeds = inner.map(
    ([name, own]): Seed => ({ bytes: own, wrap: (other) => zipped(new Map([...contents, [name, other]])) }),
  );
  return [{ bytes }, { bytes: zipSync(Object.fromEntries(contents)) }, ...seeds];
}

function zipped(contents: ReadonlyMap<string, Uint8Array>): Uint8Array {
  return Uint8Array.from(Buffer.concat(zipOf([...contents].map(([name, piece]) => ({ name, pieces: [piece] })))));
}
