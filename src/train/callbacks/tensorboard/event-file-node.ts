import { mkdirSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { ArgumentError } from '../../../geometry.js';
import { AppendFile } from '../append-file-node.js';
import { EVENT_SCHEMA, type EventValue, FILE_VERSION, SESSION_START, type TensorBoardEvent } from './event-schema.js';
import { tfRecord } from './tf-record.js';

const NAME = /^events\.out\.tfevents\.(\d+)\./;

/** A file of TensorBoard's events, open for writing. */
export interface EventFile {
  /** Where it is. */
  readonly path: string;
  /** Writes what tags have at a step. */
  write(step: number, value: readonly EventValue[]): void;
  close(): void;
}

/**
 * Begins a new file of events.
 *
 * @param folder is made where it is not there
 * @param step   of the first events to come: what earlier files in the folder hold of this step and later ones, TensorBoard forgets
 * @throws ArgumentError where it cannot be written
 */
export async function openEventFile(where: string, folder: string, step: number): Promise<EventFile> {
  const [{ default: protobuf }, { default: crc32c }] = await Promise.all([
    import('protobufjs/light.js'),
    import('crc-32/crc32c.js'),
  ]);
  const Event = protobuf.Root.fromJSON(EVENT_SCHEMA).lookupType('Event');
  const file = new AppendFile(where, join(folder, nextName(where, folder)), 'ax');
  const append = (event: Omit<TensorBoardEvent, 'wallTime'>) => {
    const message = Event.encode(Event.fromObject({ wallTime: Date.now() / 1000, ...event })).finish();
    file.append(tfRecord(message, (bytes) => crc32c.buf(bytes)));
  };
  append({ fileVersion: FILE_VERSION });
  append({ step, sessionLog: { status: SESSION_START } });
  return { path: file.path, write: (at, value) => append({ step: at, summary: { value } }), close: () => file.close() };
}

/** TensorBoard reads a folder's files in the order of their names, which begin with seconds: this one comes behind all others. */
function nextName(where: string, folder: string): string {
  let last = 0;
  try {
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) last = Math.max(last, Number(NAME.exec(name)?.[1] ?? 0));
  } catch (error) {
    throw new ArgumentError(`${where}: cannot write to '${folder}': ${(error as Error).message}`, { cause: error });
  }
  const seconds = Math.max(Math.floor(Date.now() / 1000), last + 1);
  return `events.out.tfevents.${String(seconds).padStart(10, '0')}.${hostname()}.${process.pid}.0.v2`;
}
