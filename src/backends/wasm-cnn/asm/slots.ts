// Workspace that belongs to whoever runs a piece, while it runs: one slot a thread, whichever thread
// that is. The flags in front of the slots are cleared by the driver.

/** The first free slot of `count`, each of `bytes`; there are as many as threads, so one always is. */
export function takeSlot(flags: usize, count: i32): i32 {
  let i = 0;
  while (atomic.cmpxchg<i32>(flags + (<usize>i << 2), 0, 1) != 0) i = i + 1 < count ? i + 1 : 0;
  return i;
}

export function giveSlot(flags: usize, i: i32): void {
  atomic.store<i32>(flags + (<usize>i << 2), 0);
}
