/** Places where a test, or `troupe chaos`, may kill the engine. In production reaching one does nothing. */
export const CRASH_POINTS = [
  /** A batch is decided; nothing of it is on disk. State left: as before the batch. */
  "before-commit",
  /** The batch is on disk; none of its effects has begun. State left: effects are outstanding. */
  "after-commit",
  /** One effect of a committed batch has begun; later ones have not. */
  "after-effect",
  /** An attempt has ended; its result is not decided on yet. */
  "before-settle",
  /** Recovery has read the runs; nothing has been decided. */
  "in-recovery",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export type ReachCrashPoint = (point: CrashPoint) => void;
