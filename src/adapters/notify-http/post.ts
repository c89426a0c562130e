/** Posts one message through the client for calls to the outside, and says what its answer means (S-19, S-20). */
import { toPlainLine } from "../../core/plain-text.ts";
import type { HttpAnswer, HttpClient, HttpFailureCode, HttpNetwork } from "../../ports/http.ts";
import type { Delivered } from "../../ports/notifier.ts";

export interface PostMeans {
  readonly http: HttpClient;
  readonly network: HttpNetwork;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

export interface Post {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const TIME_LIMIT_MS = 10_000;
/** Receivers answer with a word. */
const ANSWER_MAX_BYTES = 64 * 1024;
const PROBLEM_MAX_CHARS = 300;

/** Nothing about these will be different next time. */
const LASTING: ReadonlySet<HttpFailureCode> = new Set([
  "URL_INVALID",
  "HOST_REFUSED",
  "ADDRESS_REFUSED",
  "REQUEST_INVALID",
  "TLS_UNTRUSTED",
]);
const PASSING_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

/** @param refusalIn finds a failure in the text of an answer that says it went well */
export async function post(
  { http, network, now }: PostMeans,
  { url, headers, body }: Post,
  signal: AbortSignal,
  refusalIn: (text: string) => string | null = () => null,
): Promise<Delivered> {
  const answer = await http.call(
    {
      method: "POST",
      url,
      headers: { "content-type": "application/json", "user-agent": "troupe", ...headers },
      body,
      network,
      hosts: null,
      redirects: { max: 0, otherOrigins: false },
      maxBytes: ANSWER_MAX_BYTES,
      timeLimitMs: TIME_LIMIT_MS,
    },
    signal,
  );
  return judge(answer, now, refusalIn);
}

function judge(answer: HttpAnswer, now: () => number, refusalIn: (text: string) => string | null): Delivered {
  if (answer.kind === "stopped") return { kind: "stopped" };
  if (answer.kind === "failed") {
    // The status had come: what broke afterwards was only what it said besides.
    if (answer.status !== null && isSuccess(answer.status)) return { kind: "sent" };
    const problem = toPlainLine(answer.problem, PROBLEM_MAX_CHARS);
    return LASTING.has(answer.code) ? { kind: "refused", problem } : { kind: "again", problem, retryAfterMs: null };
  }
  const { status, headers, body } = answer;
  const text = new TextDecoder().decode(body);
  const refusal = isSuccess(status) ? refusalIn(text) : text;
  if (refusal === null) return { kind: "sent" };
  const problem = toPlainLine(`It answered ${status}: ${refusal}`, PROBLEM_MAX_CHARS);
  if (isSuccess(status) || PASSING_STATUSES.has(status) || status >= 500)
    return { kind: "again", problem, retryAfterMs: parseRetryAfter(headers["retry-after"], now()) };
  return { kind: "refused", problem };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Seconds, or a date. Null for what is neither. */
function parseRetryAfter(text: string | undefined, now: number): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
