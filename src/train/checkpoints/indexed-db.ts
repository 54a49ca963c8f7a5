/** The browser's database, as promises. */

/** What a request gives. */
export function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/**
 * Does several things to some of a database's stores: all of them, or, where one fails, none.
 *
 * @param work may wait for requests, and for nothing else: a transaction ends where no request is under way
 * @returns    what `work` gives, once it is on the disk
 */
export async function transact<T>(
  database: IDBDatabase,
  mode: 'readonly' | 'readwrite',
  stores: readonly string[],
  work: (transaction: IDBTransaction) => Promise<T>,
): Promise<T> {
  const transaction = database.transaction(stores, mode, { durability: 'strict' });
  const completed = new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error ?? new DOMException('the transaction was aborted', 'AbortError'));
  });
  try {
    const result = await work(transaction);
    await completed;
    return result;
  } catch (error) {
    await abort(transaction, completed);
    throw error;
  }
}

/** Also where it has ended already, or is about to. */
async function abort(transaction: IDBTransaction, completed: Promise<void>): Promise<void> {
  try {
    transaction.abort();
  } catch (error) {
    if ((error as Error).name !== 'InvalidStateError') throw error;
  }
  await completed.catch(() => undefined);
}
