/** What a shell expects of a program that SIGINT ended. */
export const INTERRUPTED = 130;

/** The user pressed ctrl-C. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/**
 * Runs work that ends itself when its signal is aborted, which ctrl-C does. The second ctrl-C does not wait.
 *
 * @param message what the interruption means, e.g. that nothing was saved
 */
export async function interruptible<Result>(message: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    controller.abort(new Interrupted(message));
  };
  process.on('SIGINT', onSignal);
  try {
    return await work(controller.signal);
  } finally {
    process.off('SIGINT', onSignal);
  }
}
