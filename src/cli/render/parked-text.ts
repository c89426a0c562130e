/** What a parked step waits for, in words. */
import { isJsonObject, type Json } from "../../core/json.ts";
import { shortRunId } from "./run-id.ts";
import { toOneLine } from "./text.ts";

/** `parking` as in `src/plan/parking.ts`, from a journal entry or a snapshot. */
export function parkedText(parking: Json | undefined): string {
  if (!isJsonObject(parking)) return "waits for an answer";
  switch (parking.kind) {
    case "approval": {
      const { prompt } = isJsonObject(parking.request) ? parking.request : {};
      return typeof prompt === "string" && prompt !== "" ? `waits for approval: ${toOneLine(prompt)}` : "waits for approval";
    }
    case "timer":
      return "waits for its time";
    case "event":
      return `waits for the event \`${toOneLine(String(parking.name))}\``;
    case "callback":
      return "waits to be called back";
    case "run":
      return `waits for ${shortRunId(String(parking.runId))}`;
    default:
      return "waits for an answer";
  }
}
