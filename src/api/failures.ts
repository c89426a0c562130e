/** What a client hears where nothing can be answered: a problem, or the method that the address does have. */
import type { FastifyInstance } from "fastify";
import { RequestError } from "../core/errors.ts";
import type { Pages } from "./pages.ts";
import { PROBLEM_TYPE, toProblem } from "./problem.ts";

export interface FailureOptions {
  readonly bodyMaxBytes: number;
  readonly routes: readonly { readonly method: string; readonly url: string }[];
  /** Told of what is our fault; the answer names only the id. */
  readonly warn: (message: string) => void;
  /** What a person is shown where the API has nothing. */
  readonly page: Pages["show"];
}

export function answerFailures(app: FastifyInstance, { bodyMaxBytes, routes, warn, page }: FailureOptions): void {
  app.setErrorHandler((error, request, reply) => {
    const problem = toProblem(error, request.id, { bodyBytes: bodyMaxBytes });
    if (problem.status >= 500) warn(`request ${request.id}: ${String(error)}`);
    if (problem.status === 401) reply.header("www-authenticate", "Bearer");
    return reply.code(problem.status).type(PROBLEM_TYPE).send(problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split("?")[0]?.slice(0, 200) ?? "";
    const others = routes.filter(({ url }) => patternOf(url).test(path)).map(({ method }) => method);
    if (others.length > 0) {
      reply.header("allow", [...new Set(others)].join(", "));
      throw new RequestError("API_METHOD", { path, method: request.method });
    }
    const shown = page(request, reply);
    if (shown === null) throw new RequestError("API_ROUTE", { path });
    return shown;
  });
}

function patternOf(url: string): RegExp {
  return new RegExp(
    `^${url
      .replaceAll(".", "\\.")
      .replaceAll("*", ".*")
      .replaceAll(/:[a-z]+/g, "[^/]+")}$`,
  );
}
