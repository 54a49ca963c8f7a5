import { closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ArgumentError } from '../../geometry.js';

/**
 * A file that grows at its end. What was appended is with the system at once, so that it survives when the process is killed; what
 * could not be written whole, on a full disk, is taken away again.
 */
export class AppendFile {
  readonly descriptor: number;
  private size: number;

  /**
   * Opens it, folders and all.
   * @param flags 'a+': makes the file or goes on with it; 'ax': there must be none yet
   * @throws ArgumentError where it cannot be written
   */
  constructor(
    where: string,
    readonly path: string,
    flags: 'a+' | 'ax',
  ) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.descriptor = openSync(path, flags);
      this.size = fstatSync(this.descriptor).size;
    } catch (error) {
      throw new ArgumentError(`${where}: cannot write '${path}': ${(error as Error).message}`, { cause: error });
    }
  }

  /** @throws the system's error; the file is as before then */
  append(data: Uint8Array | string): void {
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    try {
      writeFileSync(this.descriptor, bytes);
      this.size += bytes.length;
    } catch (error) {
      this.takeBack();
      throw error;
    }
  }

  private takeBack(): void {
    try {
      ftruncateSync(this.descriptor, this.size);
    } catch {
      // What went wrong at first is what people should hear of.
    }
  }

  /** Lets go of what lies behind. */
  truncate(size: number): void {
    ftruncateSync(this.descriptor, size);
    this.size = size;
  }

  close(): void {
    closeSync(this.descriptor);
  }
}
