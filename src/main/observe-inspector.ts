/** The inspector for a command that runs an engine. It reads the journal itself, so it brings no observer and costs a run nothing. */
import type { Observation, ObservationOptions } from "./observation.ts";

export function observeInspector({ store, inspect = false, warn, note }: ObservationOptions): Promise<Observation> | null {
  if (!inspect) return null;
  const open = async (): Promise<Observation> => {
    const { openInspector } = await import("../../observability/inspector.ts");
    const inspector = await openInspector({ store, warn });
    note(`inspector: ${inspector.link()}`);
    return { observers: [], [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose]() };
  };
  return open();
}
