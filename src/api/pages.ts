/**
 * The dashboard: files that were built beforehand. They hold no data, so they need no key (S-22); what they show they ask of the API, as
 * any other client.
 */
import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { RequestError } from "../core/errors.ts";
import { isHarmless } from "./guard.ts";

const INDEX = "index.html";
/** Where the names of files change with what is in them. */
const HASHED = /^assets\//;
const PAGE_HEADERS = {
  // Nothing comes from elsewhere, nothing is written inline, and nobody frames it (S-39).
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
};

export interface Pages {
  /** Answers with the page, if it was a page that somebody asked for; the address is then the page's own business. */
  show(request: FastifyRequest, reply: FastifyReply): FastifyReply | null;
}

/** @param root folder of the built dashboard; null where there is none */
export async function dashboardRoutes(app: FastifyInstance, root: string | null): Promise<Pages> {
  const files = root === null ? [] : filesBelow(root);
  if (root === null || !files.includes(INDEX)) {
    const say = (): never => {
      throw new RequestError("API_NO_DASHBOARD");
    };
    app.get("/", { config: { right: "nobody", isPage: true }, schema: { hide: true } }, say);
    return { show: () => null };
  }
  await app.register(fastifyStatic, { root, serve: false, cacheControl: false });
  const send = (reply: FastifyReply, file: string): FastifyReply =>
    reply
      .headers(PAGE_HEADERS)
      .header("cache-control", HASHED.test(file) ? "public, max-age=31536000, immutable" : "no-cache")
      .sendFile(file);
  for (const file of files) {
    const url = file === INDEX ? "/" : `/${file}`;
    const isPage = file === INDEX ? { isPage: true as const } : {};
    const config = { right: "nobody" as const, ...isPage };
    app.route({ method: ["GET", "HEAD"], url, config, schema: { hide: true }, handler: (_, reply) => send(reply, file) });
  }
  return { show: (request, reply) => (isForPerson(request) ? send(reply.code(200), INDEX) : null) };
}

/** A page of the dashboard that is opened by its address. What the API does not have stays what it is. */
function isForPerson({ method, headers, url }: FastifyRequest): boolean {
  return isHarmless(method) && /\btext\/html\b/.test(headers.accept ?? "") && !url.startsWith("/api/");
}

/** Files whose names are addresses as they are. */
function filesBelow(root: string): readonly string[] {
  try {
    return readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
      .filter((file) => /^[\w./-]+$/.test(file));
  } catch {
    return []; // It was not built.
  }
}
