/** From a delivery to what its channel is given: Troupe's own words, or the author's with values put in. */
import { toError } from "../../core/errors.ts";
import { isJsonObject, type JsonObject } from "../../core/json.ts";
import { toPlainLine, toPlainText } from "../../core/plain-text.ts";
import { renderTemplate } from "../../expression/render.ts";
import type { NotifyRule } from "../../plan/notify-rule.ts";
import type { NotificationMessage, Severity } from "../../ports/notifier.ts";
import type { DeliveryRow } from "../../ports/outbox.ts";
import { scopeOfFacts } from "./news.ts";

const TEMPLATE_LIMITS = { fuel: 100_000, textChars: 65_536 };
const TITLE_MAX_CHARS = 250;
/** Of one value, before its channel sets a limit for the whole. */
const VALUE_MAX_CHARS = 2_000;

export interface MessageOptions {
  readonly rule: NotifyRule;
  /** As the channel of the rule escapes values. */
  readonly quote: (value: string) => string;
  /** Where people reach the dashboard, without a slash at its end; null where nobody said. */
  readonly publicUrl: string | null;
}

type Told = Pick<DeliveryRow, "id" | "action" | "thread" | "type" | "at" | "events" | "run" | "gathers" | "facts">;

export function messageOf(row: Told, { rule, quote, publicUrl }: MessageOptions): NotificationMessage {
  const facts = isJsonObject(row.facts) ? row.facts : {};
  const link = publicUrl === null ? null : `${publicUrl}${row.run === null ? "" : `/runs/${row.run}`}`;
  const scope = scopeOfFacts(facts, { link, count: row.events, rule: rule.name });
  const own = (text: unknown): string => quote(toPlainText(String(text), VALUE_MAX_CHARS));
  const problems: string[] = typeof facts.note === "string" ? [facts.note] : [];
  const rendered = (tree: NotifyRule["text"], put: (text: string) => string): string | null => {
    if (tree === null) return null;
    try {
      return renderTemplate(tree, scope, TEMPLATE_LIMITS, put);
    } catch (thrown) {
      problems.push(`The template of this rule failed: ${toError(thrown).message}`);
      return null;
    }
  };
  const title = rendered(rule.title, (text) => text) ?? titleOf(row, facts);
  const text = rendered(rule.text, own) ?? defaultText(facts, row, own);
  const remarks = problems.map((problem) => own(problem));
  return {
    id: row.id,
    action: row.action,
    thread: row.thread,
    severity: severityOf(row.type),
    title: toPlainLine(title, TITLE_MAX_CHARS),
    text: [text, ...remarks].join("\n"),
    facts: factsOf(facts),
    link,
    at: row.at,
    type: row.type,
    data: { ...facts, rule: rule.name, count: row.events, ...(link !== null && { link }) },
  };
}

function titleOf({ gathers, events }: Told, { what }: JsonObject): string {
  return gathers ? `${events} more, the latest: ${String(what)}` : String(what);
}

function defaultText({ what, error, next }: JsonObject, { gathers, events }: Told, own: (text: unknown) => string): string {
  const { title, fix } = isJsonObject(error) ? error : {};
  const lines = [
    gathers ? `${events} events since the last message. The latest: ${own(what)}.` : `${own(what)}.`,
    ...(typeof title === "string" ? [`Error: ${own(title)}`] : []),
    ...(typeof fix === "string" ? [`Fix: ${own(fix)}`] : []),
    ...(typeof next === "string" ? [`Next: ${own(next)}`] : []),
  ];
  return lines.join("\n");
}

function factsOf({ run, step, error, breaker }: JsonObject): NotificationMessage["facts"] {
  const { workflow, id, tenant } = isJsonObject(run) ? run : {};
  const { code } = isJsonObject(error) ? error : {};
  const { target } = isJsonObject(breaker) ? breaker : {};
  const all = { Workflow: workflow, Run: id, Step: step, Error: code, Target: target, Tenant: tenant === "default" ? null : tenant };
  return Object.entries(all).flatMap(([name, value]) =>
    typeof value === "string" ? [{ name, value: toPlainLine(value, VALUE_MAX_CHARS) }] : [],
  );
}

const SEVERITIES: Readonly<Record<string, Severity>> = {
  "run.failed": "error",
  "run.timed_out": "error",
  "run.quarantined": "critical",
  "step.quarantined": "critical",
  "step.failed": "error",
  "attempt.lost": "error",
  "breaker.opened": "error",
  "merge.conflict": "error",
  "gate.failed": "warning",
  "step.retrying": "warning",
  "step.timed_out": "warning",
  "approval.requested": "warning",
  "anomaly.detected": "warning",
  "run.canceled": "warning",
};

function severityOf(type: string): Severity {
  return SEVERITIES[type] ?? "info";
}
