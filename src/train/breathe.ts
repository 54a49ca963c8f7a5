/** Milliseconds of work after which other things get their turn: timers, signals, the screen. */
const STRETCH = 50;

/** Node's setImmediate does not wait; timers do, for a millisecond and more. */
const { setImmediate: later = setTimeout } = globalThis as { setImmediate?: (callback: () => void) => unknown };

/** Lets the event loop run where the last time is long enough ago. One such function a loop. */
export function breathing(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < STRETCH) return undefined;
    return new Promise((resolve) => {
      later(() => {
        last = performance.now();
        resolve();
      });
    });
  };
}
