/** Sends a JSON value that was written elsewhere as it is. */
import type { JsonText } from "./run-reader.ts";

interface TextReply {
  type(type: string): unknown;
  serializer(write: (text: unknown) => string): unknown;
}

/** A reply takes the value's type, so that a route still says what it answers. */
export function sendJson<TValue>(reply: TextReply, { text }: JsonText<TValue>): TValue {
  reply.type("application/json; charset=utf-8");
  reply.serializer((written) => written as string); // What is returned below.
  return text as unknown as TValue;
}
