/** Where a redirect leads, and what of the request goes along (S-20). */
import type { HttpFailureCode, HttpRequest } from "../../ports/http.ts";

/** All that is told to an origin that the author did not name: how to answer, nothing of who asks. */
const FOR_STRANGERS: ReadonlySet<string> = new Set(["accept", "accept-language", "content-type", "user-agent"]);
const OF_BODIES: ReadonlySet<string> = new Set(["content-type", "content-encoding", "content-language", "content-length"]);

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

export type Redirected =
  | { readonly ok: true; readonly request: HttpRequest }
  | { readonly ok: false; readonly code: HttpFailureCode; readonly problem: string };

export function redirect(request: HttpRequest, status: number, location: string): Redirected {
  const from = new URL(request.url);
  const to = URL.parse(location, from.href);
  if (to === null) return refuse("The redirect leads to something that is no URL");
  if (from.protocol === "https:" && to.protocol !== "https:") return refuse(`The redirect leads away from encryption, to ${to.origin}`);
  const isForeign = to.origin !== from.origin;
  if (isForeign && !request.redirects.otherOrigins) return refuse(`The redirect leads to another origin, ${to.origin}`);
  const becomesGet = status === 303 ? request.method !== "HEAD" : (status === 301 || status === 302) && request.method === "POST";
  const body = becomesGet ? null : request.body;
  if (isForeign && body !== null) return refuse(`The redirect would send the body to another origin, ${to.origin}`);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => (!isForeign || FOR_STRANGERS.has(name)) && (body !== null || !OF_BODIES.has(name))),
  );
  return { ok: true, request: { ...request, url: to.href, method: becomesGet ? "GET" : request.method, body, headers } };
}

function refuse(problem: string): Redirected {
  return { ok: false, code: "REDIRECT_REFUSED", problem };
}
