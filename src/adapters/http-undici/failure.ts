/** What went wrong with a call, by where it stood and by what was thrown. */
import { toError } from "../../core/errors.ts";
import type { HttpFailureCode } from "../../ports/http.ts";
import { BodyEncoding, BodyTooLarge } from "./body.ts";
import { ADDRESS_REFUSED } from "./connect.ts";

/** How far a call had come. */
export type Phase = "connecting" | "waiting" | "reading";

const TIMEOUT_CODES: Readonly<Record<Phase, HttpFailureCode>> = {
  connecting: "CONNECT_TIMEOUT",
  waiting: "RESPONSE_TIMEOUT",
  reading: "RESPONSE_STALLED",
};

export function timeoutCode(phase: Phase): HttpFailureCode {
  return TIMEOUT_CODES[phase];
}

const CODES: Readonly<Record<string, HttpFailureCode>> = {
  [ADDRESS_REFUSED]: "ADDRESS_REFUSED",
  ENOTFOUND: "NAME_NOT_FOUND",
  EAI_AGAIN: "NAME_LOOKUP_FAILED",
  EAI_FAIL: "NAME_LOOKUP_FAILED",
  EAI_NODATA: "NAME_NOT_FOUND",
  ECONNREFUSED: "CONNECTION_REFUSED",
  EHOSTUNREACH: "HOST_UNREACHABLE",
  ENETUNREACH: "HOST_UNREACHABLE",
  EHOSTDOWN: "HOST_UNREACHABLE",
  ENETDOWN: "HOST_UNREACHABLE",
  EADDRNOTAVAIL: "HOST_UNREACHABLE",
  ETIMEDOUT: "CONNECT_TIMEOUT",
  UND_ERR_CONNECT_TIMEOUT: "CONNECT_TIMEOUT",
  UND_ERR_HEADERS_OVERFLOW: "RESPONSE_TOO_LARGE",
  UND_ERR_INVALID_ARG: "REQUEST_INVALID",
  UND_ERR_NOT_SUPPORTED: "REQUEST_INVALID",
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: "REQUEST_INVALID",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "RESPONSE_INCOMPLETE",
  HPE_HEADER_OVERFLOW: "RESPONSE_TOO_LARGE",
};

/** Codes by which Node and OpenSSL say that they do not trust a certificate. */
const UNTRUSTED = /^(CERT_|DEPTH_ZERO_SELF|SELF_SIGNED|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
const TLS = /^(ERR_SSL_|ERR_TLS_|EPROTO$)/;

export function failureCode(thrown: unknown, phase: Phase): HttpFailureCode {
  if (thrown instanceof BodyTooLarge) return "RESPONSE_TOO_LARGE";
  if (thrown instanceof BodyEncoding) return "RESPONSE_ENCODING";
  const code = codeOf(thrown);
  const known = CODES[code];
  // A connection that times out when it stands was lost.
  if (known !== undefined && (known !== "CONNECT_TIMEOUT" || phase === "connecting")) return known;
  if (code.startsWith("HPE_") || toError(thrown).name === "HTTPParserError") return "RESPONSE_MALFORMED";
  if (phase === "reading") return "RESPONSE_INCOMPLETE";
  if (phase === "waiting") return "CONNECTION_LOST";
  if (UNTRUSTED.test(code)) return "TLS_UNTRUSTED";
  return TLS.test(code) || isHandshake(thrown) ? "TLS_FAILED" : "CONNECT_FAILED";
}

/** The code of what was thrown, or of the first of several (one for each address that was tried) that has one. */
function codeOf(thrown: unknown): string {
  const error = toError(thrown);
  if ("code" in error && typeof error.code === "string") return error.code;
  if (error instanceof AggregateError) return error.errors.map(codeOf).find((code) => code !== "") ?? "";
  return error.cause === undefined ? "" : codeOf(error.cause);
}

/** A server that hangs up while keys are exchanged leaves no code of its own. */
function isHandshake(thrown: unknown): boolean {
  return /before secure TLS connection/.test(toError(thrown).message);
}
