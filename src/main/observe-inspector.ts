/** The inspector, for a command that runs an engine and for one that only looks. It reads the journal itself, so it costs a run nothing. */
import type { Inspector } from "../../observability/inspector.ts";
import type { StoreReader } from "../ports/store.ts";
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export interface InspectorSettings extends Pick<ObservationOptions, "warn"> {
  readonly store: StoreReader;
  readonly port?: number | undefined;
}

/** @throws RequestError INSPECTOR_PORT_UNUSABLE */
export async function openInspectorFor({ store, port = 0, warn }: InspectorSettings): Promise<Inspector> {
  const { openInspector } = await import("../../observability/inspector.ts");
  return openInspector({ store, port, warn });
}

export function observeInspector({ store, inspect = false, inspectPort, warn, note }: ObservationOptions): Promise<Observation> | null {
  if (!inspect && inspectPort === undefined) return null;
  const open = async (): Promise<Observation> => {
    const inspector = await openInspectorFor({ store, port: inspectPort, warn });
    note(`inspector: ${inspector.link()}`);
    return { observers: [], [Symbol.asyncDispose]: () => inspector[Symbol.asyncDispose]() };
  };
  return open();
}
