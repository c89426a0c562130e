/** The inspector for a command that runs an engine. It reads the journal itself, so it brings no observer and costs a run nothing. */
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeInspector({ store, inspect = false, inspectPort, warn, note }: ObservationOptions): Promise<Observation> | null {
  if (!inspect && inspectPort === undefined) return null;
  const open = async (): Promise<Observation> => {
    const { openInspector } = await import("../../observability/inspector.ts");
    const inspector = await openInspector({ store, warn, ...(inspectPort !== undefined && { port: inspectPort }) });
    note(`inspector: ${inspector.link()}`);
    return { observers: [], [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose]() };
  };
  return open();
}
