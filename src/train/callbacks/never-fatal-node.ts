import type { TrainerCallback } from './callback.js';

/**
 * A log as training wants it: what goes wrong at the beginning is an error, so that nobody finds out at the end that there is no log;
 * what goes wrong later, on a full disk say, is a warning of the process, and the log ends there. Training goes on.
 *
 * @param name of the log, for the warning
 */
export function neverFatal(
  name: string,
  log: Required<Omit<TrainerCallback, 'onEpoch'>> & Required<Pick<TrainerCallback, 'onEpoch'>>,
): TrainerCallback {
  let working = false;
  const guarded = async (write: () => unknown): Promise<void> => {
    if (!working) return;
    try {
      await write();
    } catch (error) {
      working = false;
      process.emitWarning(`${name}: ${(error as Error).message}; the log ends here, training goes on`, { type: 'LogWarning' });
    }
  };
  return {
    async onBegin(start) {
      await log.onBegin(start);
      working = true;
    },
    onStep: (report) => guarded(() => log.onStep(report)),
    onEpoch: (report) => guarded(() => log.onEpoch(report)),
    async onEnd(error) {
      await guarded(() => log.onEnd(error));
      working = false;
    },
  };
}
