/** Milliseconds of work after which other things get their turn: timers, signals, the screen. */
const STRETCH = 50;

/** Lets the event loop run where the last time is long enough ago. One such function a loop. */
export function breathing(): () => Promise<void> | undefined {
  let last = performance.now();
  return () => {
    if (performance.now() - last < STRETCH) return undefined;
    return new Promise((resolve) => {
      setTimeout(() => {
        last = performance.now();
        resolve();
      });
    });
  };
}
