/** `on:` of a document: schedules and events that start runs. The shape has been checked; here it is what they say. */
import type { JsonObject } from "../core/json.ts";
import { nearestName } from "../core/nearest.ts";
import { referencesOf } from "../expression/references.ts";
import {
  CATCHUP_DEFAULT,
  type Catchup,
  EVENT_FACTS,
  type EventTrigger,
  NO_TRIGGERS,
  OVERLAP_DEFAULT,
  type Overlap,
  SCHEDULE_FACTS,
  type ScheduleTrigger,
  TIMEZONE_DEFAULT,
  type Triggers,
} from "../plan/triggers.ts";
import { scalarOf } from "./compile-step.ts";
import { cronProblem } from "./cron.ts";
import { FieldReader } from "./fields.ts";
import { Findings } from "./finding.ts";
import { Reporter } from "./reporter.ts";
import { entryOf, type ScalarNode, type SourceNode, toNode } from "./source-node.ts";
import { SourceText } from "./source-text.ts";
import { checkCondition, typesOf } from "./static-types.ts";

/**
 * @param checks false for a document that was stored: it was checked then, and a time zone that this machine does not know must not keep
 *   its runs from being read
 */
export function readTriggers(node: SourceNode | undefined, reporter: Reporter, checks: boolean): Triggers {
  if (node?.kind !== "map") return NO_TRIGGERS;
  const schedules = itemsOf(entryOf(node, "schedule")?.value).map((item, index) => readSchedule(item, index, reporter, checks));
  if (checks) reportDoubles(schedules, itemsOf(entryOf(node, "schedule")?.value), reporter);
  return { schedules, events: itemsOf(entryOf(node, "event")?.value).map((item, index) => readEvent(item, index, reporter)) };
}

function readSchedule(item: SourceNode, index: number, reporter: Reporter, checks: boolean): ScheduleTrigger {
  const { text, input } = partsOf(item);
  const cron = entryOf(item, "cron")?.value;
  const zone = entryOf(item, "timezone")?.value;
  const timezone = text("timezone") ?? TIMEZONE_DEFAULT;
  if (checks && cron !== undefined) reportCron(cron, reporter);
  if (checks && zone !== undefined && !isTimeZone(timezone)) reportTimeZone(zone, timezone, reporter);
  const fields = fieldsAbout("schedule", SCHEDULE_FACTS, reporter);
  return {
    name: text("name") ?? String(index + 1),
    cron: text("cron") ?? "",
    timezone,
    overlap: (text("overlap") as Overlap | undefined) ?? OVERLAP_DEFAULT, // the shape has been checked, here and below
    catchup: (text("catchup") as Catchup | undefined) ?? CATCHUP_DEFAULT,
    input: input === undefined ? null : fields.read(input, `on.schedule[${index}].input`, "text"),
  };
}

function readEvent(item: SourceNode, index: number, reporter: Reporter): EventTrigger {
  const { text, input } = partsOf(item);
  const fields = fieldsAbout("event", EVENT_FACTS, reporter);
  const when = entryOf(item, "when")?.value;
  return {
    number: index + 1,
    event: text("name") ?? "",
    when: when?.kind === "scalar" ? fields.condition(when, `on.event[${index}].when`) : null,
    input: input === undefined ? null : fields.read(input, `on.event[${index}].input`, "text"),
  };
}

function partsOf(item: SourceNode): { readonly text: (key: string) => string | undefined; readonly input: SourceNode | undefined } {
  const text = (key: string): string | undefined => {
    const value = scalarOf(entryOf(item, key)?.value);
    return typeof value === "string" ? value : undefined;
  };
  return { text, input: entryOf(item, "input")?.value };
}

function itemsOf(node: SourceNode | undefined): readonly SourceNode[] {
  return node?.kind === "list" ? node.items : [];
}

/** There is no run yet, so that an expression can read nothing but what starts it. */
function fieldsAbout(root: "schedule" | "event", facts: readonly string[], reporter: Reporter): FieldReader {
  return new FieldReader({
    reporter,
    visit(tree, _source, node) {
      for (const found of referencesOf(tree)) {
        const [fact] = found.path;
        const at = node as ScalarNode; // Only a scalar holds an expression.
        if (found.root !== root) {
          const details = { problem: `There is no \`${found.root}\` before the run: only \`${root}\` can be read here.` };
          reporter.inside(at, found.place.offset, found.root.length, {
            code: "DEF_UNKNOWN_NAME",
            details,
            fix: `Paths begin with ${facts.map((name) => `\`${root}.${name}\``).join(", ")}.`,
          });
        } else if (typeof fact === "string" && !facts.includes(fact)) {
          const near = nearestName(fact, facts);
          reporter.inside(at, found.place.offset, root.length + fact.length + 1, {
            code: "DEF_UNKNOWN_NAME",
            details: { problem: `\`${root}\` has no \`${fact}\`.` },
            fix: near === undefined ? `It has ${facts.join(", ")}.` : `Did you mean \`${near}\`?`,
          });
        }
      }
      reportTypes(tree, node, reporter);
    },
  });
}

/** Operators that can never work, whatever the event holds. */
function reportTypes(
  tree: Parameters<ConstructorParameters<typeof FieldReader>[0]["visit"]>[0],
  node: SourceNode,
  reporter: Reporter,
): void {
  const checking: Parameters<typeof typesOf>[1] = {
    view: () => ({ kind: "unknown" }),
    strict: true,
    report: ({ at, length, severity, problem }) =>
      reporter.inside(node, at.offset, length, { code: "DEF_COMPARE", severity, details: { problem } }),
  };
  if (tree.kind === "template") return;
  if (tree.kind !== "text") checkCondition(tree, checking);
  else for (const part of tree.parts) if (part.kind === "output") typesOf(part.expression, checking);
}

function reportCron(node: SourceNode, reporter: Reporter): void {
  const text = String(scalarOf(node) ?? "");
  const found = cronProblem(text);
  if (found === null) return;
  const { problem, fix, offset, length } = found;
  const details = { problem: `\`${text}\` is no schedule: ${problem}.` };
  reporter.inside(node, offset, length, { code: "DEF_TRIGGER", details, ...(fix !== undefined && { fix }) });
}

/** Names of the IANA database; an offset such as `+02:00` would be wrong for half of the year. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function reportTimeZone(node: SourceNode, name: string, reporter: Reporter): void {
  const near = nearestName(name, Intl.supportedValuesOf("timeZone"));
  const details = { problem: `There is no time zone \`${name}\`.` };
  reporter.error(
    node,
    "DEF_TRIGGER",
    details,
    near === undefined ? "Write a name such as `Europe/Berlin` or `UTC`." : `Did you mean \`${near}\`?`,
  );
}

function reportDoubles(schedules: readonly ScheduleTrigger[], items: readonly SourceNode[], reporter: Reporter): void {
  const names = new Set<string>();
  for (const [index, { name }] of schedules.entries()) {
    const at = entryOf(items[index], "name")?.value ?? items[index];
    if (names.has(name) && at !== undefined)
      reporter.error(at, "DEF_TRIGGER", { problem: `Two schedules are called \`${name}\`.` }, "Rename one of them.");
    names.add(name);
  }
}

/** `on` of a stored document. */
export function triggersOf(on: JsonObject): Triggers {
  const node = toNode(on);
  return readTriggers(node, new Reporter(new SourceText("", ""), node, new Findings()), false);
}
