import { expect, test } from "vitest";
import { parseStreamRequest } from "./stream-request.ts";

const RUN = `run_${"0".repeat(32)}`;

test.each([
  { type: "authenticate", token: "tr_x" },
  { type: "subscribe", run: RUN },
  { type: "subscribe", run: RUN, after: 0 },
  { type: "subscribe", run: "*", after: 12 },
  { type: "unsubscribe", run: "*" },
])("%j is a message", (message) => {
  expect(parseStreamRequest(JSON.stringify(message))).toEqual(message);
});

test.each([
  "",
  "{",
  "null",
  "[]",
  '"subscribe"',
  "{}",
  '{"type":"toString"}',
  '{"type":"__proto__"}',
  '{"type":"authenticate"}',
  '{"type":"authenticate","token":1}',
  `{"type":"authenticate","token":"${"x".repeat(201)}"}`,
  `{"type":"subscribe","run":"run_1"}`,
  `{"type":"subscribe","run":"${RUN}","after":-1}`,
  `{"type":"subscribe","run":"${RUN}","after":1.5}`,
  `{"type":"subscribe","run":"${RUN}","after":"1"}`,
  `{"type":"subscribe","run":"${RUN}","tenant":"other"}`,
  `{"type":"subscribe","run":"${RUN}","__proto__":{"after":1}}`,
  `{"type":"subscribe","run":["${RUN}"]}`,
  "[".repeat(5_000),
])("%s is none (S-33)", (text) => {
  expect(parseStreamRequest(text)).toBeNull();
});
