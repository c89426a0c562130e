/** The part of the observation that sends traces, where `OTEL_*` asks for it. */
import { readTracingSettings } from "../../observability/tracing-settings.ts";
import { toError } from "../core/errors.ts";
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeTracing({ store, env, warn, note }: ObservationOptions): Promise<Observation> | null {
  const settings = readTracingSettings(env);
  if (settings === null) return null;
  const open = async (): Promise<Observation> => {
    try {
      const { openTracing } = await import("../../observability/tracing.ts");
      return await openTracing({ settings, store, warn, note });
    } catch (thrown) {
      // I-38: whoever cannot be told of a run is no reason not to run it.
      warn(`Runs are not traced: ${toError(thrown).message}`);
      return { observers: [], [Symbol.asyncDispose]: () => Promise.resolve() };
    }
  };
  return open();
}
