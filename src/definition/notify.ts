/**
 * From `notify` of a configuration file to rules, or to everything that is wrong with them.
 *
 * A file that comes with a checked-out repository may name only variables that were made for this (S-46): without that, a rule could have
 * any credential of the engine's environment sent as a key, or looked for at an address of its choice.
 */
import type { Expression, Template } from "../../grammar/ast.ts";
import { parseExpression, parseTemplate } from "../../grammar/parse.ts";
import { parseDurationMs } from "../core/duration.ts";
import { DefinitionError, DefinitionErrors, isTroupeError } from "../core/errors.ts";
import { nearestName } from "../core/nearest.ts";
import { formatPlace } from "../core/place.ts";
import { referencesOf } from "../expression/references.ts";
import { isNotifyEvent, NOTIFY_EVENTS, type NotifyEvent, type NotifyRule } from "../plan/notify-rule.ts";
import { checkDocument } from "./check-shape.ts";
import { Findings } from "./finding.ts";
import { notifySchema } from "./notify-schema.ts";
import { NotifyTargetReader, plainSecret } from "./notify-target.ts";
import { Reporter } from "./reporter.ts";
import { entryOf, type MapEntry, mapNode, type SourceNode, toData } from "./source-node.ts";
import type { SourceText } from "./source-text.ts";

/** Below this, every message would be one of its own. */
const THROTTLE_MS_MIN = 1_000;
const THROTTLE_MS_MAX = 7 * 86_400_000;

/** What conditions and templates see. `docs/notifications.md` tells what is in each. */
const NOTIFY_ROOTS = ["event", "run", "step", "error", "breaker", "what", "next", "link", "count", "rule"] as const;

/** @throws DefinitionErrors with every error found */
export function parseNotify(entry: MapEntry, source: SourceText, kind: "project" | "user"): readonly NotifyRule[] {
  const root = mapNode([entry], { start: entry.keyStart, end: entry.value.end });
  const findings = new Findings();
  const reporter = new Reporter(source, root, findings);
  // Before anything else: an error beside a secret would show its line.
  const written = plainSecret(entry.value);
  if (written !== null) throw new DefinitionErrors([plainError(written, source)]);
  checkDocument(notifySchema, root, "A configuration", reporter);
  if (findings.hasErrors) throw new DefinitionErrors(findings.errors);
  const nodes = entry.value.kind === "list" ? entry.value.items : [];
  const rules: NotifyRule[] = [];
  for (const node of nodes) {
    const rule = new RuleReader(node, reporter, kind).read();
    if (rules.some(({ name }) => name === rule.name))
      reporter.error(
        memberOf(node, "name") ?? node,
        "DEF_NOTIFY",
        { problem: `Two rules are called \`${rule.name}\`.` },
        "Rename one of them.",
      );
    rules.push(rule);
  }
  if (findings.hasErrors) throw new DefinitionErrors(findings.errors);
  return rules;
}

function plainError({ node, member }: { readonly node: SourceNode; readonly member: string }, source: SourceText) {
  const { file, line, column } = source.place(node.start, node.end);
  // No place: whoever shows it would show the line, and the secret with it.
  const problem = `\`${member}\` of a rule is written down in ${formatPlace({ file, line, column })}. It is a secret, and is named instead.`;
  const fix = `Put it into a variable and write \`${member}: { env: TROUPE_NOTIFY_… }\`. Then make a new one: this one has stood in a file.`;
  return new DefinitionError("DEF_NOTIFY", { problem }, { fix });
}

function memberOf(node: SourceNode, key: string): SourceNode | undefined {
  return entryOf(node, key)?.value;
}

/** One rule, whose shape is right. */
class RuleReader {
  readonly #node: SourceNode;
  readonly #reporter: Reporter;
  readonly #kind: "project" | "user";

  constructor(node: SourceNode, reporter: Reporter, kind: "project" | "user") {
    this.#node = node;
    this.#reporter = reporter;
    this.#kind = kind;
  }

  read(): NotifyRule {
    const { file } = this.#reporter.source;
    return {
      name: String(this.#data("name")),
      on: this.#events(),
      when: this.#condition(),
      target: new NotifyTargetReader(this.#reporter, this.#kind).read(memberOf(this.#node, "to") ?? this.#node),
      title: this.#template("title"),
      text: this.#template("template"),
      oncePer: (this.#data("once_per") as NotifyRule["oncePer"] | undefined) ?? null, // As the schema says.
      throttleMs: this.#throttle(),
      file,
    };
  }

  #data(key: string): unknown {
    const node = memberOf(this.#node, key);
    return node === undefined ? undefined : toData(node);
  }

  #events(): readonly NotifyEvent[] {
    const list = memberOf(this.#node, "on");
    const events: NotifyEvent[] = [];
    for (const node of list?.kind === "list" ? list.items : []) {
      const name = String(toData(node));
      if (isNotifyEvent(name)) events.push(name);
      else this.#unknownEvent(node, name);
    }
    return events;
  }

  #unknownEvent(node: SourceNode, name: string): void {
    const known = Object.keys(NOTIFY_EVENTS);
    const near = nearestName(name, known);
    const problem = name.startsWith("budget.")
      ? `Nothing tells of \`${name}\`: this version of Troupe keeps no budgets.`
      : `There is no event \`${name}\` that people can be told of.`;
    this.#error(node, problem, near === undefined ? `Events are ${known.join(", ")}.` : `Did you mean \`${near}\`?`);
  }

  #condition(): Expression | null {
    const node = memberOf(this.#node, "when");
    if (node?.kind !== "scalar") return null;
    return this.#parsed(node, () => parseExpression(String(node.value)));
  }

  #template(key: "title" | "template"): Template | null {
    const node = memberOf(this.#node, key);
    if (node?.kind !== "scalar") return null;
    return this.#parsed(node, () => parseTemplate(String(node.value)));
  }

  #parsed<TTree extends Expression | Template>(node: SourceNode, parse: () => TTree): TTree | null {
    try {
      const tree = parse();
      for (const { root } of referencesOf(tree)) this.#checkRoot(node, root);
      return tree;
    } catch (thrown) {
      if (!isTroupeError(thrown)) throw thrown;
      const offset = Math.max(0, (thrown.place?.column ?? 1) - 1);
      this.#reporter.inside(node, thrown.place?.line === 1 ? offset : 0, thrown.place?.length ?? 1, {
        code: "DEF_NOTIFY",
        details: { problem: thrown.message },
        ...(thrown.fix !== undefined && { fix: thrown.fix }),
      });
      return null;
    }
  }

  #checkRoot(node: SourceNode, root: string): void {
    if (NOTIFY_ROOTS.some((known) => known === root)) return;
    const near = nearestName(root, NOTIFY_ROOTS);
    this.#error(
      node,
      `A notification knows no \`${root}\`.`,
      near === undefined ? `It knows ${NOTIFY_ROOTS.join(", ")}.` : `Did you mean \`${near}\`?`,
    );
  }

  #throttle(): number | null {
    const node = memberOf(this.#node, "throttle");
    if (node?.kind !== "scalar" || node.value === null || typeof node.value === "boolean") return null;
    const ms = parseDurationMs(node.value);
    if (ms !== null && ms >= THROTTLE_MS_MIN && ms <= THROTTLE_MS_MAX) return ms;
    this.#error(node, `The duration ${JSON.stringify(node.value)} cannot be used.`, "Give one from `1s` to `7d`, such as `10m`.");
    return null;
  }

  #error(node: SourceNode, problem: string, fix: string): void {
    this.#reporter.error(node, "DEF_NOTIFY", { problem }, fix);
  }
}
