/** Errors as RFC 9457 `application/problem+json`. None tells of our inside: no stack, path or statement (S-49). */
import { DefinitionErrors, InvariantError, isTroupeError, RequestError, type TroupeError } from "../core/errors.ts";

export const PROBLEM_TYPE = "application/problem+json; charset=utf-8";

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly fix?: string;
  /** Named in the server's log too. */
  readonly requestId: string;
  /** Every finding in a workflow, or every place of a request that does not fit. */
  readonly errors?: readonly { readonly message: string; readonly code?: string; readonly path?: string; readonly line?: number }[];
}

const TITLES: Readonly<Record<TroupeError["kind"], string>> = {
  definition: "The workflow is not valid",
  request: "The request cannot be met",
  transient: "Not now",
  fenced: "The store cannot be used",
  invariant: "Something went wrong here",
};

interface HttpError {
  readonly code?: string;
  readonly statusCode?: number;
  readonly message?: string;
  /** Fastify's, by ajv. */
  readonly validation?: readonly { readonly instancePath: string; readonly message?: string; readonly params?: Record<string, unknown> }[];
  readonly validationContext?: string;
}

export function toProblem(thrown: unknown, requestId: string, limits: { readonly bodyBytes: number }): Problem {
  const http = (thrown ?? {}) as HttpError; // Whatever was thrown, members are asked for by name.
  if (http.validation !== undefined) {
    const where = http.validationContext ?? "request";
    const errors = http.validation.map(({ instancePath, message = "does not fit", params = {} }) => {
      const extra = params.additionalProperty;
      return { path: `${where}${instancePath}`, message: typeof extra === "string" ? `there is no \`${extra}\` here` : message };
    });
    const problem = errors.map(({ path, message }) => `${path}: ${message}`).join("; ");
    return { ...problemOf(new RequestError("API_REQUEST", { problem }), requestId), errors };
  }
  return problemOf(isTroupeError(thrown) ? thrown : fromHttp(http, limits), requestId);
}

function fromHttp({ code, statusCode = 500, message = "" }: HttpError, { bodyBytes }: { readonly bodyBytes: number }): TroupeError {
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new RequestError("API_BODY_LARGE", { max: bodyBytes });
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new RequestError("API_MEDIA");
  if (statusCode === 429) return new RequestError("API_RATE");
  if (statusCode >= 400 && statusCode < 500) return new RequestError("API_REQUEST", { problem: message });
  return new InvariantError("INV_UNCAUGHT", { problem: "the request could not be answered" });
}

function problemOf(error: TroupeError, requestId: string): Problem {
  const findings = error instanceof DefinitionErrors ? error.errors : [];
  return {
    type: `urn:troupe:error:${error.code}`,
    title: TITLES[error.kind],
    status: error.httpStatus,
    detail: error.message,
    code: error.code,
    ...(error.fix !== undefined && { fix: error.fix }),
    requestId,
    ...(findings.length > 0 && {
      errors: findings.map(({ code, message, place }) => ({ code, message, ...(place !== undefined && { line: place.line }) })),
    }),
  };
}
