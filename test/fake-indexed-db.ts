/** A stand-in for the browser's database. */
import { IDBFactory, IDBKeyRange } from 'fake-indexeddb';

/** Each test of a file begins with an empty one; afterwards there is none, as Node has it. */
export function useFakeIndexedDb(): void {
  const surroundings = globalThis as { indexedDB?: IDBFactory; IDBKeyRange?: typeof IDBKeyRange };
  beforeEach(() => {
    surroundings.indexedDB = new IDBFactory();
    surroundings.IDBKeyRange = IDBKeyRange;
  });
  afterAll(() => {
    delete surroundings.indexedDB;
    delete surroundings.IDBKeyRange;
  });
}
