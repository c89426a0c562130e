/** What a client of the stream sends, read with distrust: null for everything that is no message. */
import { ALL_RUNS, type StreamRequest } from "../contract/stream-message.ts";

const RUN = /^run_[0-9a-f]{32}$/;
const TOKEN_MAX = 200;
/** Names of members that a message may have, by its type. */
const MEMBERS: Readonly<Record<StreamRequest["type"], readonly string[]>> = {
  authenticate: ["type", "token"],
  subscribe: ["type", "run", "after"],
  unsubscribe: ["type", "run"],
};

export function parseStreamRequest(text: string): StreamRequest | null {
  const value = parseObject(text);
  if (value === null || typeof value.type !== "string" || !Object.hasOwn(MEMBERS, value.type)) return null;
  const type = value.type as StreamRequest["type"]; // Looked up just now.
  if (Object.keys(value).some((name) => !MEMBERS[type].includes(name))) return null;
  const { token, run, after } = value;
  if (type === "authenticate") return typeof token === "string" && token.length <= TOKEN_MAX ? { type, token } : null;
  if (typeof run !== "string" || (run !== ALL_RUNS && !RUN.test(run))) return null;
  if (type === "unsubscribe" || after === undefined) return { type, run };
  return Number.isSafeInteger(after) && Number(after) >= 0 ? { type, run, after: Number(after) } : null;
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
