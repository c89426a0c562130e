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
  /** What people are to be told is decided; nothing of it is on disk. State left: the journal is read again from the cursor. */
  "before-notify",
  /** A notification is on disk and about to be sent. State left: it is pending. */
  "before-send",
  /** It has been sent; that is not on disk. State left: it is pending, and is sent again under the same id. */
  "after-send",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

export type ReachCrashPoint = (point: CrashPoint) => void;
