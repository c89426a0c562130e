/** Why the server did not do what was asked, as it says itself (RFC 9457), or that it could not be reached. */
export interface Problem {
  /** 0 where no answer came. */
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string;
  readonly fix: string | null;
  readonly requestId: string | null;
  readonly errors: readonly { readonly message: string; readonly code?: string; readonly path?: string; readonly line?: number }[];
}

export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

/** @param thrown what a request, or the page's own code, has thrown */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) return thrown.problem;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return { ...BLANK, code: "PAGE", title: "This page has a mistake", detail: text, fix: "Load it again; if it stays, report it." };
}

const BLANK = { status: 0, fix: null, requestId: null, errors: [] } as const;

export function unreachable(): Problem {
  return {
    ...BLANK,
    code: "UNREACHABLE",
    title: "The server cannot be reached",
    detail: "No answer came from the server that this page was loaded from.",
    fix: "See that `troupe serve` runs, and that the network is there. This page asks again by itself.",
  };
}

/** @param body what came, parsed if it was JSON: a proxy between may have answered with anything */
export function toProblem(status: number, body: unknown): Problem {
  const told = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const textOf = (name: string): string | null => (typeof told[name] === "string" ? told[name] : null);
  return {
    status,
    code: textOf("code") ?? `HTTP_${status}`,
    title: textOf("title") ?? "The server did not do it",
    detail: textOf("detail") ?? `It answered with status ${status}, and said no more.`,
    fix: textOf("fix"),
    requestId: textOf("requestId"),
    errors: Array.isArray(told.errors) ? (told.errors as Problem["errors"]).filter((one) => typeof one?.message === "string") : [],
  };
}
