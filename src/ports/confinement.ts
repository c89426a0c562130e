/** How far a process is kept from the rest of the machine. */
import type { ResourceLimits, SandboxLevel } from "../plan/profile.ts";

export interface Confinement {
  readonly level: Exclude<SandboxLevel, "none">;
  readonly limits: ResourceLimits;
  readonly network: boolean;
  /** Absolute directory that it works in, and may read; what leads out of it by a link is not made writable. */
  readonly root: string;
  /** Absolute directories that it may write to; everything else is read-only or hidden. Heeded by `sandboxed`. */
  readonly writable: readonly string[];
  /** Absolute directories that it must not even see, such as the engine's own. */
  readonly hidden: readonly string[];
}
