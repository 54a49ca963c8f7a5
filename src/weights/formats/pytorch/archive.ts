/** A checkpoint as torch.save writes it since PyTorch 1.6: a zip archive of one pickle and a file for each storage. */
import { DataError } from '../../../data/dataset.js';
import { unpickle } from '../../../data/pickle/unpickle.js';
import type { ByteSource } from '../weight-file.js';
import { ZipArchive } from '../zip/zip-archive.js';
import { storageOf, torchGlobals } from './globals.js';
import type { Storage } from './torch-tensor.js';

/** What a file holds, whichever of the two formats it has. */
export interface Checkpoint {
  /** What was pickled. */
  readonly value: unknown;
  readonly bigEndian: boolean;
  /** All bytes of the block that a storage is a part of. */
  bytesOf(storage: Storage): Promise<Uint8Array>;
}

const PICKLE = /^(.*\/)?data\.pkl$/;

/** Whether an archive is PyTorch's. */
export function isTorchArchive(archive: ZipArchive): boolean {
  return archive.names.some((name) => PICKLE.test(name));
}

export async function readArchive(source: ByteSource): Promise<Checkpoint> {
  const archive = await ZipArchive.open(source);
  const pickle = archive.names.find((name) => PICKLE.test(name));
  if (pickle === undefined)
    throw new DataError(source.name, 'an archive with a data.pkl, as torch.save writes it', 'another one');
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (archive.has(`${folder}constants.pkl`)) {
    throw new DataError(
      source.name,
      'a checkpoint of torch.save',
      'a program of TorchScript',
      'save its state_dict in PyTorch: torch.save(torch.jit.load(path).state_dict(), newPath)',
    );
  }
  const order = `${folder}byteorder`;
  const bigEndian = archive.has(order) && new TextDecoder().decode((await archive.read(order)).slice()).trim() === 'big';
  const { value } = unpickle(await archive.read(pickle), `${source.name}, ${pickle}`, {
    globals: torchGlobals,
    persistent: storageOf,
    passOverUnknown: true,
  });
  return {
    value,
    bigEndian,
    async bytesOf({ key, count, itemBytes }) {
      const name = `${folder}data/${key}`;
      const bytes = await archive.read(name);
      if (bytes.length >= count * itemBytes) return bytes;
      throw new DataError(`${source.name}, entry '${name}'`, `${count * itemBytes} bytes`, `${bytes.length}`);
    },
  };
}
