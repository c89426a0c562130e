import { describe, expect, test } from "vitest";
import { DefinitionErrors } from "../core/errors.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import { parseNotify } from "./notify.ts";
import { readSource } from "./read-source.ts";
import { entryOf } from "./source-node.ts";
import { SourceText } from "./source-text.ts";

function parse(rules: string, kind: "project" | "user" = "project"): readonly NotifyRule[] {
  const source = new SourceText(`notify:\n${rules}`, "troupe.config.yaml");
  const entry = entryOf(readSource(source), "notify");
  if (entry === undefined) throw new Error("no rules");
  return parseNotify(entry, source, kind);
}

function errorsOf(rules: string, kind: "project" | "user" = "project") {
  try {
    parse(rules, kind);
  } catch (thrown) {
    if (thrown instanceof DefinitionErrors) return thrown.errors;
    throw thrown;
  }
  throw new Error("nothing is wrong with it");
}

const TO = "    to: { slack: { url: { env: TROUPE_NOTIFY_SLACK } } }\n";
const rule = (more: string, to = TO): string => `  - name: oncall\n    on: [run.failed]\n${to}${more}`;

describe("a rule", () => {
  test("says on what, to whom, and what", () => {
    const [one] = parse(rule("    when: run.workflow == 'nightly'\n    title: '{{ what }}'\n    once_per: run\n    throttle: 10m\n"));
    expect(one).toMatchObject({
      name: "oncall",
      on: ["run.failed"],
      target: { channel: "slack", url: { kind: "env", name: "TROUPE_NOTIFY_SLACK" } },
      oncePer: "run",
      throttleMs: 600_000,
      text: null,
    });
    expect(one?.when).not.toBeNull();
  });

  test.each([
    ["    to: { teams: { url: { env: TROUPE_NOTIFY_T } } }\n", { channel: "teams" }],
    ["    to: { pagerduty: { routing_key: { env: TROUPE_NOTIFY_P } } }\n", { url: "https://events.pagerduty.com/v2/enqueue" }],
    ["    to: { webhook: { url: 'https://example.org/in', secret: { env: TROUPE_NOTIFY_W } } }\n", { url: "https://example.org/in" }],
    [
      "    to: { email: { host: mail.example.org, user: me, password: { env: TROUPE_NOTIFY_M }, from: a@example.org, to: [b@example.org] } }\n",
      { tls: "starttls", port: 587 },
    ],
  ])("leads to %s", (to, expected) => {
    expect(parse(rule("", to))[0]?.target).toMatchObject(expected);
  });

  test.each([
    ["    once_pre: run\n", /no key `once_pre`/, /once_per/],
    ["    when: run.workflow ==\n", /ends too early/, undefined],
    ["    when: runn.workflow == 'a'\n", /knows no `runn`/, /`run`/],
    ["    template: '{{ secrets.token }}'\n", /knows no `secrets`/, undefined],
    ["    throttle: 10 parsecs\n", /cannot be used/, /10m/],
  ])("with %j is refused at its place", (more, message, fix) => {
    const [error] = errorsOf(rule(more));
    expect(error?.message).toMatch(message);
    expect(error?.place?.line).toBe(5);
    if (fix !== undefined) expect(error?.fix).toMatch(fix);
  });

  test("names an event that is not there, and the nearest that is", () => {
    expect(errorsOf(`  - name: a\n    on: [run.faild]\n${TO}`)[0]).toMatchObject({ code: "DEF_NOTIFY", fix: "Did you mean `run.failed`?" });
    expect(errorsOf(`  - name: a\n    on: [budget.warning]\n${TO}`)[0]?.message).toContain("keeps no budgets");
  });

  test("has a name of its own", () => {
    expect(errorsOf(rule("") + rule(""))[0]?.message).toBe("Two rules are called `oncall`.");
  });

  test.each([
    ["    to: { slack: { url: https://hooks.slack.com/services/T0/B0/CANARY } }\n", "url"],
    ["    to: { pagerduty: { routing_key: CANARY } }\n", "routing_key"],
    ["    to:\n      webhook:\n        url: https://example.org\n        secret: CANARY\n", "secret"],
  ])("that writes a secret down is refused without repeating it (S-38)", (to, member) => {
    const errors = errorsOf(rule("    oops: 1\n", to));
    expect(errors).toHaveLength(1);
    expect(errors[0]?.message).toContain(`\`${member}\` of a rule is written down in troupe.config.yaml:`);
    // A place would have its line shown.
    expect(errors[0]?.place).toBeUndefined();
    expect(JSON.stringify(errors[0]?.toJSON())).not.toContain("CANARY");
  });

  test("of a project reads no credential that was not made for it (S-46)", () => {
    const foreign = "    to: { webhook: { url: 'https://evil.example', secret: { env: AWS_SECRET_ACCESS_KEY } } }\n";
    expect(errorsOf(rule("", foreign))[0]?.message).toContain("TROUPE_NOTIFY_");
    expect(errorsOf(rule("", "    to: { slack: { url: { file: /etc/shadow } } }\n"))[0]?.message).toContain("reads no files");
    expect(parse(rule("", foreign), "user")).toHaveLength(1);
  });

  test.each(["a@b.org\\r\\nBcc: evil@example.org", "Me <a@b.org>", "a@b.org, c@d.org"])("sends no mail to %j", (address) => {
    const to = `    to: { email: { host: mail.example.org, from: a@b.org, to: ["${address}"] } }\n`;
    expect(errorsOf(rule("", to))[0]?.message).toContain("is no e-mail address");
  });

  test("sends no password without encryption", () => {
    const to = "    to: { email: { host: h, tls: none, user: u, password: { env: TROUPE_NOTIFY_P }, from: a@b.org, to: [c@d.org] } }\n";
    expect(errorsOf(rule("", to))[0]?.message).toContain("without encryption");
  });
});
