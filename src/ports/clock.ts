/** Time for the host. The kernel gets it as an argument. */
export interface Clock {
  /** Wall clock in epoch milliseconds, never going backwards within a process (I-22). */
  now(): number;
  /** Calls back once, never before `atMs` (epoch milliseconds). Far times are chained, since timers of the platform overflow. */
  wakeAt(atMs: number, wake: () => void): Disposable;
}
