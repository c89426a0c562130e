/** The end of a server: whoever is being answered gets the answer, and nobody else holds it up. */
import type { Server, ServerResponse } from "node:http";

/** For answers that are on their way. */
const ANSWER_MAX_MS = 5_000;
const LOOK_EVERY_MS = 20;

/**
 * Watches a server's answers from now on.
 *
 * Node ends idle connections once, when the server is closed. A browser's spare connection, on which nothing has come yet, is not idle to
 * it, nor is half a request; a connection whose answer ends a moment later is kept alive. Each of them would keep the server for a minute
 * or for good.
 *
 * @returns what to call when the server begins to close; disposed when it is closed
 */
export function watchAnswers(server: Server): () => Disposable {
  const open = new Set<ServerResponse>();
  server.on("request", (_request, response: ServerResponse) => {
    open.add(response);
    response.once("close", () => open.delete(response));
  });
  return () => {
    const until = performance.now() + ANSWER_MAX_MS;
    const timer = setInterval(() => {
      if (open.size === 0 || performance.now() > until) server.closeAllConnections();
    }, LOOK_EVERY_MS);
    return { [Symbol.dispose]: () => clearInterval(timer) };
  };
}
