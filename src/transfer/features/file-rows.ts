/** Rows on the disk of Node. */
import { nodeModule } from '../../node-module.js';
import type { RowStore } from './row-store.js';

type Files = typeof import('node:fs/promises');

/** Whether there is a disk. */
export const hasFiles = (): boolean => nodeModule('node:fs/promises') !== undefined;

/**
 * Rows in a file of a folder of its own among the temporary ones. Where the system lets a file that is open lose its name, it does so at
 * once: then nothing is left of it even when the process is killed.
 *
 * @param length numbers of a row
 */
export async function openFileRows(length: number): Promise<RowStore> {
  const files = nodeModule<Files>('node:fs/promises')!;
  const { tmpdir } = nodeModule<typeof import('node:os')>('node:os')!;
  const { join } = nodeModule<typeof import('node:path')>('node:path')!;
  const folder = await files.mkdtemp(join(tmpdir(), 'tfjs-cnn-features-'));
  const remove = () => files.rm(folder, { recursive: true, force: true });
  const file = await files.open(join(folder, 'rows'), 'wx+', 0o600).catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  // Windows keeps the name until the file is closed.
  await remove().catch(() => undefined);
  const bytesEach = 4 * length;
  const bytesOf = ({ buffer, byteOffset, byteLength }: Float32Array) => new Uint8Array(buffer, byteOffset, byteLength);
  return {
    async write(first, rows) {
      const bytes = bytesOf(rows);
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, first * bytesEach + done);
        done += bytesWritten;
      }
    },
    async read(numbers, into) {
      const bytes = bytesOf(into);
      for (const [i, number] of numbers.entries()) {
        const { bytesRead } = await file.read(bytes, i * bytesEach, bytesEach, number * bytesEach);
        if (bytesRead !== bytesEach) throw new Error(`the file of features ends within row ${number}`);
      }
    },
    async close() {
      await file.close();
      await remove();
    },
  };
}
