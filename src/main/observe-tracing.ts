/** The part of the observation that sends traces, where `OTEL_*` asks for it. */
import { readTracingSettings } from "../../observability/tracing-settings.ts";
import type { Observation, ObservationOptions } from "./observation-shape.ts";

export function observeTracing({ store, env, warn, note }: ObservationOptions): Promise<Observation> | null {
  const settings = readTracingSettings(env);
  if (settings === null) return null;
  return import("../../observability/tracing.ts").then(({ openTracing }) => openTracing({ settings, store, warn, note }));
}
