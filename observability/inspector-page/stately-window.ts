/**
 * Hands the inspection events to Stately's own inspector in a window of its own, on the user's click only: this is the one thing that
 * leaves this machine's pages.
 */
import type { Connection } from "./connection.ts";

const ADDRESS = "https://stately.ai/inspect";
/** Where that address may lead to by itself. */
const ORIGINS = /^https:\/\/([a-z0-9-]+\.)*stately\.ai$/;
/** Kept until the window says that it listens. */
const WAITING_MAX = 5_000;

export function openStatelyWindow(connection: Connection, failed: (text: string) => void): void {
  const target = window.open(ADDRESS, "xstateinspector");
  if (target === null) {
    failed("The browser did not let the window open.");
    return;
  }
  const waiting: unknown[] = [];
  let receiver: string | null = null;
  window.addEventListener("message", ({ source, origin, data }) => {
    if (source !== target || !ORIGINS.test(origin) || data?.type !== "@statelyai.connected") return;
    receiver = origin;
    for (const event of waiting.splice(0)) target.postMessage(event, origin);
  });
  const tell = (event: unknown): void => {
    if (receiver !== null) target.postMessage(event, receiver);
    else if (waiting.length < WAITING_MAX) waiting.push(event);
  };
  connection.openStately(tell, (text) => {
    if (text !== "") failed(text);
  });
}
