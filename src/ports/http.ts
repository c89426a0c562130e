/** Web calls to the outside. One client makes all of them, so that its guards stand before every one (S-19, S-20). */

/**
 * Which addresses may be reached. `public`: none that belongs to a private, local or special network. `private`: those of private
 * networks and of this machine too; link-local addresses and those of metadata services never.
 */
export type HttpNetwork = "public" | "private";

export interface HttpRequest {
  readonly method: string;
  /** `http:` or `https:`, without credentials. */
  readonly url: string;
  /** Names in lower case. Towards another origin only those that describe the request itself are sent again (S-20). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly network: HttpNetwork;
  /** `host`, `host:port` or `*.host`; null for any that the network admits. Asked again for every redirect. */
  readonly hosts: readonly string[] | null;
  readonly redirects: {
    /** 0 takes a redirect as the answer. */
    readonly max: number;
    readonly otherOrigins: boolean;
  };
  /** Largest body that is read, decoded. */
  readonly maxBytes: number;
  /** From the look-up of the name to the last byte of the answer, in milliseconds. */
  readonly timeLimitMs: number;
}

export interface HttpResponse {
  readonly kind: "response";
  readonly status: number;
  /** Names in lower case; without `set-cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Where it came from, after redirects. */
  readonly url: string;
}

/** Codes of what kept a response away, by what is known of the request. */
export const HTTP_FAILURES = [
  // Nothing was sent.
  "URL_INVALID",
  "HOST_REFUSED",
  "ADDRESS_REFUSED",
  "NAME_NOT_FOUND",
  "NAME_LOOKUP_FAILED",
  "CONNECTION_REFUSED",
  "HOST_UNREACHABLE",
  "CONNECT_FAILED",
  "CONNECT_TIMEOUT",
  "TLS_UNTRUSTED",
  "TLS_FAILED",
  "REQUEST_INVALID",
  // The request may have been handled.
  "CONNECTION_LOST",
  "RESPONSE_TIMEOUT",
  "RESPONSE_STALLED",
  "RESPONSE_INCOMPLETE",
  "RESPONSE_MALFORMED",
  "RESPONSE_TOO_LARGE",
  "RESPONSE_ENCODING",
  "REDIRECT_LIMIT",
  "REDIRECT_REFUSED",
] as const;
export type HttpFailureCode = (typeof HTTP_FAILURES)[number];

export interface HttpFailure {
  readonly kind: "failed";
  readonly code: HttpFailureCode;
  /** In words, with the origin but without path and query, which may hold what is secret. */
  readonly problem: string;
  /** Whether a server may have taken the request: then nobody knows what it did. */
  readonly mayHaveArrived: boolean;
  /** Where headers of an answer had come, their status. */
  readonly status: number | null;
}

export interface HttpStopped {
  readonly kind: "stopped";
  readonly mayHaveArrived: boolean;
}

export type HttpAnswer = HttpResponse | HttpFailure | HttpStopped;

export interface HttpClient {
  /** Never rejects, and never repeats a request: that is the machine's decision. An aborted `signal` ends it at once. */
  call(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
}
