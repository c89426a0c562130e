/** What can be said about a webhook step before it runs. */
import { parseDurationMs } from "../../core/duration.ts";
import type { Field } from "../../plan/field.ts";
import type { StepFinding } from "../../plan/step-type.ts";
import type { CompiledStep } from "../../plan/workflow.ts";
import { hasOpenHost, URL_START } from "./url.ts";

const BODIES = ["json", "form", "body"] as const;
/** Ours to set, or a way around the guards. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  ...["host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "expect", "te", "trailer"],
  ...["idempotency-key", "traceparent", "tracestate", "baggage"],
]);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export function checkWebhook({ config, timeout }: CompiledStep): readonly StepFinding[] {
  return [
    ...checkUrl(config),
    ...checkBody(config),
    ...checkHeaders(config.headers),
    ...secretFields(config).flatMap(checkSecret),
    ...checkCallback(config, timeout),
  ];
}

const error = (code: string, field: string, message: string, fix: string): StepFinding => ({
  code,
  severity: "error",
  message,
  field,
  fix,
});

function checkUrl(config: CompiledStep["config"]): readonly StepFinding[] {
  const { url, network, hosts } = config;
  const findings: StepFinding[] = [];
  const literal = textOf(url);
  if (literal !== null && !URL_START.test(literal))
    findings.push(error("WEBHOOK_URL", "url", `\`${literal}\` is no address of a web service.`, "Begin with https:// or http://."));
  if (textOf(network) === "private" && hosts === undefined && url !== undefined && hasOpenHost(url))
    findings.push(
      error(
        "WEBHOOK_OPEN_HOST",
        "url",
        "With `network: private`, a value decides which machine of your own network is called.",
        "List the hosts that it may be under `hosts`.",
      ),
    );
  // S-20: a credential goes to hosts that its author has named.
  else if (hosts === undefined && url !== undefined && hasOpenHost(url) && Object.values(config).some(holdsCredential))
    findings.push(
      error("WEBHOOK_OPEN_HOST", "url", "A value decides who is sent the credential.", "List the hosts that may get it under `hosts`."),
    );
  return findings;
}

function holdsCredential(field: Field): boolean {
  switch (field.kind) {
    case "literal":
      return false;
    case "list":
      return field.items.some(holdsCredential);
    case "map":
      return Object.values(field.entries).some(holdsCredential);
    default:
      return /\bsecrets\b/.test(field.source);
  }
}

function checkBody(config: CompiledStep["config"]): readonly StepFinding[] {
  const given = BODIES.filter((name) => config[name] !== undefined);
  const [, second] = given;
  const findings =
    second === undefined ? [] : [error("WEBHOOK_BODY", second, `Both \`${given.join("` and `")}\` are given.`, "Keep one of them.")];
  const method = textOf(config.method);
  if (given[0] !== undefined && (method === "GET" || method === "HEAD"))
    findings.push(error("WEBHOOK_BODY", given[0], `A ${method} request has no body.`, "Use `query`, or another method."));
  return findings;
}

function checkHeaders(headers: Field | undefined): readonly StepFinding[] {
  const names = headers?.kind === "map" ? Object.keys(headers.entries) : Object.keys(literalMap(headers));
  return names.flatMap((name) => {
    if (!TOKEN.test(name))
      return [error("WEBHOOK_HEADER", "headers", `\`${name}\` is no name of a header.`, "Use letters, digits and hyphens.")];
    if (!OWN_HEADERS.has(name.toLowerCase())) return [];
    return [error("WEBHOOK_HEADER", "headers", `The header \`${name}\` is set by Troupe.`, "Remove it.")];
  });
}

/** Fields that are credentials. */
function secretFields({ auth, sign }: CompiledStep["config"]): readonly { readonly path: string; readonly field: Field }[] {
  const at = (path: string, field: Field | undefined) => (field === undefined ? [] : [{ path, field }]);
  const basic = member(auth, "basic");
  const header = member(auth, "header");
  return [
    ...at("auth.bearer", member(auth, "bearer")),
    ...at("auth.basic.password", member(basic, "password")),
    ...at("auth.header.value", member(header, "value")),
    ...at("sign.secret", member(sign, "secret")),
  ];
}

function checkSecret({ path, field }: { readonly path: string; readonly field: Field }): readonly StepFinding[] {
  if (field.kind !== "literal") return [];
  return [
    error(
      "WEBHOOK_SECRET",
      path,
      "A credential stands in the file, where everybody can read it.",
      "Declare it under `secrets`, change it, and write `{{ secrets.<name> }}`.",
    ),
  ];
}

function checkCallback({ callback, json, form, body }: CompiledStep["config"], timeout: CompiledStep["timeout"]): readonly StepFinding[] {
  const { expires, field } = literalMap(callback);
  const findings: StepFinding[] = [];
  if ((typeof expires === "string" || typeof expires === "number") && parseDurationMs(expires) === null)
    findings.push(error("WEBHOOK_CALLBACK", "callback.expires", `\`${expires}\` is no duration.`, "Write one such as `30m` or `2h`."));
  if (field !== undefined && (body !== undefined || (json === undefined && form === undefined)))
    findings.push(
      error("WEBHOOK_CALLBACK", "callback.field", "There is no map of which this could be a member.", "Give `json` or `form` as a map."),
    );
  if (callback !== undefined && timeout?.then === "fallback")
    findings.push({
      code: "WEBHOOK_CALLBACK",
      severity: "warning",
      message: "The time limit is that of the request; it does not count while the step waits for its callback.",
      field: "callback",
      fix: "Use `callback.expires` for the waiting.",
    });
  return findings;
}

function textOf(field: Field | undefined): string | null {
  return field?.kind === "literal" && typeof field.value === "string" ? field.value : null;
}

function literalMap(field: Field | undefined): Readonly<Record<string, unknown>> {
  const value = field?.kind === "literal" ? field.value : null;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {}; // A map.
}

function member(field: Field | undefined, name: string): Field | undefined {
  if (field?.kind === "map") return Object.hasOwn(field.entries, name) ? field.entries[name] : undefined;
  const map = literalMap(field);
  return Object.hasOwn(map, name) ? { kind: "literal", value: map[name] as string } : undefined; // Literal fields hold JSON.
}
