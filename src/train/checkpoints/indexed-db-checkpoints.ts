import { positiveInteger } from '../../checks.js';
import { ArgumentError } from '../../geometry.js';
import { CheckpointError, type CheckpointStore, type Snapshot, type StoredCheckpoint } from './checkpoint-store.js';
import {
  byAge,
  byScore,
  type Candidate,
  checkKeepOptions,
  checkpointName,
  firstFewWhole,
  firstWhole,
  type KeepOptions,
  superfluous,
} from './choose-checkpoint.js';
import { chunkSource, chunksOf } from './chunks.js';
import { decodeSnapshot } from './decode-snapshot.js';
import { encodeSnapshot } from './encode-snapshot.js';
import { resultOf, transact } from './indexed-db.js';

/** What there is, without its bytes. */
interface Row extends Candidate {
  readonly step: number;
  /** Bytes in all. */
  readonly size: number;
}

/** Rows by their numbers; chunks of bytes by number and place. */
const ROWS = 'checkpoints';
const CHUNKS = 'chunks';
const VERSION = 1;

/**
 * Checkpoints in a browser's database (IndexedDB), for pages and workers. Each is saved, and old ones let go, in one
 * transaction: a tab that is closed at any moment leaves a whole one or none.
 *
 * A browser may clear what a site has stored when the disk is full; `navigator.storage.persist()` asks it not to.
 */
export class IndexedDbCheckpoints implements CheckpointStore {
  private readonly keeping: Required<KeepOptions>;
  private readonly database: string;

  /**
   * @param name of these checkpoints among those of the page's origin; the database's is 'tfjs-cnn checkpoints: ' and this
   * @throws ArgumentError where an option is none
   */
  constructor(name: string, options: KeepOptions = {}) {
    if (typeof name !== 'string' || name === '') throw new ArgumentError('IndexedDbCheckpoints: name must be a text');
    this.database = `tfjs-cnn checkpoints: ${name}`;
    this.keeping = checkKeepOptions('IndexedDbCheckpoints', options);
  }

  /**
   * Writes one, whole or not at all, and then lets old ones go: the last few and the best stay.
   *
   * @param snapshot its arrays must not change until this is done
   * @param step     of training
   * @param score    of the model, the higher, the better; without one, or NaN, it cannot become the best
   * @returns        its name, such as 'checkpoint-000012-step-000001234': the twelfth that was saved
   * @throws CheckpointError where it cannot be written (the site may store no more); those that are there stay as they are
   * @throws ArgumentError where the snapshot holds what cannot be stored
   */
  async save(snapshot: Snapshot, step: number, score?: number): Promise<string> {
    const pieces = encodeSnapshot('IndexedDbCheckpoints.save', snapshot, step, score);
    return this.within(`step ${step} cannot be saved`, (database) =>
      transact(database, 'readwrite', [ROWS, CHUNKS], async (transaction) => {
        const rows = transaction.objectStore(ROWS);
        const chunks = transaction.objectStore(CHUNKS);
        const there: Row[] = await resultOf(rows.getAll());
        const number = 1 + Math.max(0, ...there.map((each) => each.number));
        let size = 0;
        let place = 0;
        for (const chunk of chunksOf(pieces)) {
          // One after the other: the database holds a copy of each until it has been written.
          await resultOf(chunks.add(chunk, [number, place++]));
          size += chunk.length;
        }
        const name = checkpointName(number, step);
        const scored = score === undefined || Number.isNaN(score) ? {} : { score };
        const row: Row = { number, name, step, size, ...scored };
        await resultOf(rows.add(row));
        for (const old of superfluous([...there, row], this.keeping)) {
          rows.delete(old.number);
          chunks.delete(IDBKeyRange.bound([old.number], [old.number, []]));
        }
        return name;
      }),
    );
  }

  /**
   * The newest whole one; undefined where there is none.
   *
   * @throws CheckpointError where all are damaged, or there is no database
   */
  async latest(): Promise<StoredCheckpoint | undefined> {
    return this.first((rows) => rows.sort(byAge));
  }

  /**
   * The whole one with the highest score, of equal ones the oldest; undefined where none has a score.
   *
   * @throws CheckpointError where all are damaged, or there is no database
   */
  async best(): Promise<StoredCheckpoint | undefined> {
    return this.first(byScore);
  }

  /** The newest whole ones, the newest first; damaged ones are passed over. @throws CheckpointError where there is no database */
  async newest(count: number): Promise<StoredCheckpoint[]> {
    positiveInteger('IndexedDbCheckpoints.newest', 'count', count);
    return this.within('no checkpoint can be read', async (database) => {
      const byName = new Map((await readRows(database)).sort(byAge).map((row) => [row.name, row]));
      return firstFewWhole([...byName.keys()], (name) => readCheckpoint(database, byName.get(name)!), count);
    });
  }

  private async first(inOrder: (rows: Row[]) => Candidate[]): Promise<StoredCheckpoint | undefined> {
    return this.within('no checkpoint can be read', async (database) => {
      const rows = inOrder(await readRows(database)) as Row[];
      const byName = new Map(rows.map((row) => [row.name, row]));
      const read = (name: string) => readCheckpoint(database, byName.get(name)!);
      const found = await firstWhole(this.where(), [...byName.keys()], read);
      // All gone since they were listed: another page has saved newer ones by now.
      return found ?? (rows.length > 0 ? this.first(inOrder) : undefined);
    });
  }

  private where(): string {
    return `IndexedDbCheckpoints: ${this.database}`;
  }

  /** Does something with the open database. @throws CheckpointError saying what failed */
  private async within<T>(failure: string, work: (database: IDBDatabase) => Promise<T>): Promise<T> {
    let database: IDBDatabase | undefined;
    try {
      database = await openDatabase(this.database);
      return await work(database);
    } catch (error) {
      if (error instanceof CheckpointError) throw error;
      const { name, message } = error as DOMException;
      throw new CheckpointError(
        `${this.where()}: ${failure} (${name}: ${message}); what is there stays as it is` +
          (name === 'QuotaExceededError' ? '. Let the site store more, or keep fewer checkpoints' : ''),
        { cause: error },
      );
    } finally {
      database?.close();
    }
  }
}

async function openDatabase(name: string): Promise<IDBDatabase> {
  if (typeof indexedDB === 'undefined') {
    throw new CheckpointError(
      'IndexedDbCheckpoints: there is no IndexedDB here; Node has FolderCheckpoints of tfjs-cnn/train/node',
    );
  }
  const request = indexedDB.open(name, VERSION);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(ROWS, { keyPath: 'number' });
    request.result.createObjectStore(CHUNKS);
  };
  return resultOf(request);
}

function readRows(database: IDBDatabase): Promise<Row[]> {
  return transact(database, 'readonly', [ROWS], (transaction) => resultOf(transaction.objectStore(ROWS).getAll()));
}

/** Undefined where another page has let it go meanwhile. */
async function readCheckpoint(database: IDBDatabase, row: Row): ReturnType<Parameters<typeof firstWhole>[2]> {
  const source = chunkSource(row.size, (place) =>
    transact(database, 'readonly', [CHUNKS], (transaction) =>
      resultOf<unknown>(transaction.objectStore(CHUNKS).get([row.number, place])),
    ),
  );
  try {
    return await decodeSnapshot(source);
  } catch (error) {
    const there = await readRows(database);
    if (there.some(({ number }) => number === row.number)) throw error;
    return undefined;
  }
}
