/** What a client sends, read with distrust: null for everything that is not a message. */
import { isJsonObject, type Json } from "../../src/core/json.ts";
import type { ClientMessage } from "./message.ts";

export function parseClientMessage(text: string): ClientMessage | null {
  const value = parseJson(text);
  if (!isJsonObject(value)) return null;
  const { kind, secret, runId, seq } = value;
  switch (kind) {
    case "hello":
      return typeof secret === "string" ? { kind, secret } : null;
    case "open":
      return typeof runId === "string" ? { kind, runId } : null;
    case "payload":
      return typeof runId === "string" && Number.isSafeInteger(seq) && Number(seq) > 0 ? { kind, runId, seq: Number(seq) } : null;
    case "link":
      return typeof runId === "string" ? { kind, runId } : null;
    default:
      return null;
  }
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
