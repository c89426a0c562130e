/** `to` of a rule: one channel with its settings. What is secret is a name here. */
import type { NotifyTarget } from "../plan/notify-rule.ts";
import type { SecretSource } from "../plan/step-policies.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type SourceNode, toData } from "./source-node.ts";

/** All that a project's rules may read of the engine's environment (S-46). */
const PROJECT_VARIABLE = /^TROUPE_NOTIFY_/;
const PAGERDUTY_URL = "https://events.pagerduty.com/v2/enqueue";
const PORTS = { starttls: 587, implicit: 465, none: 25 } as const;

/** Members whose values are secrets, by channel. */
const SECRET_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  slack: ["url"],
  teams: ["url"],
  pagerduty: ["routing_key"],
  webhook: ["secret"],
  email: ["password"],
};

/** The first secret that somebody wrote down instead of naming it; null where there is none. */
export function plainSecret(rules: SourceNode): { readonly node: SourceNode; readonly member: string } | null {
  for (const rule of rules.kind === "list" ? rules.items : []) {
    const to = entryOf(rule, "to")?.value;
    for (const { key: channel, value } of to?.kind === "map" ? to.entries : []) {
      for (const member of SECRET_MEMBERS[channel] ?? []) {
        const node = entryOf(value, member)?.value;
        if (node?.kind === "scalar" && node.value !== null) return { node, member };
      }
    }
  }
  return null;
}

type TlsKind = keyof typeof PORTS;

/** Of a node whose shape is right. */
export class NotifyTargetReader {
  readonly #reporter: Reporter;
  readonly #kind: "project" | "user";

  constructor(reporter: Reporter, kind: "project" | "user") {
    this.#reporter = reporter;
    this.#kind = kind;
  }

  read(to: SourceNode): NotifyTarget {
    const entry = to.kind === "map" ? to.entries[0] : undefined;
    const node = entry?.value ?? to;
    switch (entry?.key) {
      case "teams":
        return { channel: "teams", url: this.#secret(node, "url") };
      case "pagerduty":
        return { channel: "pagerduty", routingKey: this.#secret(node, "routing_key"), url: this.#url(node) ?? PAGERDUTY_URL };
      case "webhook":
        return { channel: "webhook", url: this.#url(node) ?? this.#secret(node, "url"), secret: this.#secret(node, "secret") };
      case "email":
        return this.#email(node);
      default:
        return { channel: "slack", url: this.#secret(node, "url") };
    }
  }

  /** Null for one that is named, or not there. */
  #url(node: SourceNode): string | null {
    const value = entryOf(node, "url")?.value;
    if (value?.kind !== "scalar") return null;
    const url = URL.parse(String(value.value));
    const problem =
      url === null || (url.protocol !== "https:" && url.protocol !== "http:")
        ? "The address does not begin with https:// or http://."
        : url.username !== "" || url.password !== ""
          ? "An address may not hold credentials."
          : null;
    if (problem !== null) this.#error(value, problem, "Name a variable that holds it: `url: { env: TROUPE_NOTIFY_… }`.");
    return String(value.value);
  }

  #secret(node: SourceNode, member: string): SecretSource {
    const value = entryOf(node, member)?.value;
    const entry = value?.kind === "map" ? value.entries[0] : undefined;
    const text = entry === undefined ? "" : String(toData(entry.value));
    if (this.#kind === "project" && value !== undefined) this.#admit(value, entry?.key ?? "", text);
    return entry?.key === "file" ? { kind: "file", path: text } : { kind: "env", name: text };
  }

  #admit(node: SourceNode, kind: string, text: string): void {
    const fix = "Rename the variable to TROUPE_NOTIFY_…, or put the rule into your own configuration file.";
    if (kind === "file") this.#error(node, "A project's rule reads no files.", fix);
    else if (!PROJECT_VARIABLE.test(text))
      this.#error(node, `A project's rule reads only variables that begin with TROUPE_NOTIFY_, not ${text}.`, fix);
  }

  #email(node: SourceNode): NotifyTarget {
    const data = (key: string): unknown => {
      const value = entryOf(node, key)?.value;
      return value === undefined ? undefined : toData(value);
    };
    const tls = (data("tls") as TlsKind | undefined) ?? "starttls"; // As the schema says, here and below.
    const user = data("user");
    const password = entryOf(node, "password")?.value;
    if ((user === undefined) !== (password === undefined))
      this.#error(node, "A login has a `user` and a `password`.", "Give both, or neither.");
    if (tls === "none" && password !== undefined)
      this.#error(node, "A password is not sent without encryption.", "Leave out `tls: none`, or `user` and `password`.");
    const from = String(data("from"));
    const to = (data("to") as readonly string[] | undefined) ?? [];
    for (const address of [from, ...to])
      if (!isAddress(address)) this.#error(node, `${JSON.stringify(address)} is no e-mail address.`, "Write `name@example.org`.");
    return {
      channel: "email",
      host: String(data("host")),
      port: (data("port") as number | undefined) ?? PORTS[tls],
      tls,
      login: user === undefined ? null : { user: String(user), password: this.#secret(node, "password") },
      from,
      to,
    };
  }

  #error(node: SourceNode, problem: string, fix: string): void {
    this.#reporter.error(node, "DEF_NOTIFY", { problem }, fix);
  }
}

/** One address and nothing around it: no name, no list, no line end that would begin another header. */
function isAddress(text: string): boolean {
  return /^[^\s@<>,;:"()[\]\\]{1,64}@[A-Za-z0-9.-]{1,253}$/.test(text);
}
