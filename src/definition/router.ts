/** From the text of a `router.yaml` to the tools that it declares, or to everything that is wrong with it. */
import { compilePattern } from "../../grammar/pattern.ts";
import { parseDurationMs } from "../core/duration.ts";
import { DefinitionError, DefinitionErrors, isTroupeError } from "../core/errors.ts";
import { BUILTIN_ROUTER, BUILTIN_TOOLS } from "../plan/builtin-tools.ts";
import { BREAKER_POLICY_DEFAULT, type HealthCheck, type Router, type ToolDeclaration } from "../plan/tool.ts";
import { checkDocument } from "./check-shape.ts";
import { type Finding, Findings } from "./finding.ts";
import { readSource } from "./read-source.ts";
import { Reporter } from "./reporter.ts";
import { routerSchema } from "./router-model.generated.ts";
import type { RouterDocument, ToolEntry } from "./router-model.ts";
import { entryOf, type MapNode, type SourceNode, toData } from "./source-node.ts";
import { SourceText } from "./source-text.ts";

const HEALTH_TIMEOUT_MS_DEFAULT = 5_000;
const HEALTH_EVERY_MS_DEFAULT = 300_000;
/** A timer of the machine holds no more; nothing of a tool takes longer. */
const DURATION_MS_MAX = 7 * 86_400_000;

/** @throws DefinitionErrors with every error found */
export function parseRouter(text: string, file: string): Router {
  const { router, findings } = read(text, file);
  if (router === null) throw new DefinitionErrors(findings.errors);
  return router;
}

/** As `parseRouter`, with findings instead of an exception. */
export function checkRouter(text: string, file: string): { readonly router: Router | null; readonly findings: readonly Finding[] } {
  const { router, findings } = read(text, file);
  return { router, findings: findings.list };
}

interface Reading {
  readonly router: Router | null;
  readonly findings: Findings;
}

function read(text: string, file: string): Reading {
  const findings = new Findings();
  const source = new SourceText(text, file);
  const root = readRoot(source, findings);
  if (root === "empty") return { router: { ...BUILTIN_ROUTER, file }, findings };
  if (root === null) return { router: null, findings };
  const reporter = new Reporter(source, root, findings);
  checkDocument(routerSchema, root, "A router", reporter);
  if (findings.hasErrors) return { router: null, findings };
  const document = toData(root) as unknown as RouterDocument; // It has just been checked.
  const entries = entryOf(root, "tools")?.value;
  const nodes = entries?.kind === "list" ? entries.items : [];
  const builtins = document.builtins === false ? [] : BUILTIN_TOOLS;
  const declared: ToolDeclaration[] = [];
  for (const [index, entry] of (document.tools ?? []).entries()) {
    const node = nodes[index];
    if (node === undefined) break;
    if (declared.some(({ name }) => name === entry.name)) {
      const problem = `Two tools are called \`${entry.name}\`.`;
      reporter.error(at(node, "name"), "DEF_ROUTER", { problem }, "Rename one of them.");
      continue;
    }
    declared.push(new ToolReader(node, reporter).read(entry));
  }
  if (findings.hasErrors) return { router: null, findings };
  const others = builtins.filter(({ name }) => !declared.some((one) => one.name === name));
  return { router: { file, prefer: document.prefer ?? null, tools: [...declared, ...others] }, findings };
}

/** A file that says nothing is no mistake. */
function readRoot(source: SourceText, findings: Findings): MapNode | "empty" | null {
  try {
    return readSource(source);
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.place === undefined) throw thrown;
    if (thrown.code === "DEF_EMPTY") return "empty";
    const isRoot = thrown.code === "DEF_ROOT";
    findings.add({
      code: isRoot ? "DEF_ROUTER" : thrown.code,
      details: isRoot
        ? { problem: `A router is a map of keys such as \`tools\`; the file holds ${thrown.details.found}.` }
        : thrown.details,
      place: thrown.place,
      path: "",
      ...(!isRoot && thrown instanceof DefinitionError && thrown.fix !== undefined && { fix: thrown.fix }),
    });
    return null;
  }
}

function at(node: SourceNode, ...keys: readonly string[]): SourceNode {
  return keys.reduce((from, key) => entryOf(from, key)?.value ?? from, node);
}

/** One entry, whose shape is right; a built-in tool lends it what it does not say. */
class ToolReader {
  readonly #node: SourceNode;
  readonly #reporter: Reporter;

  constructor(node: SourceNode, reporter: Reporter) {
    this.#node = node;
    this.#reporter = reporter;
  }

  read(entry: ToolEntry): ToolDeclaration {
    const known = BUILTIN_TOOLS.find(({ name }) => name === entry.name);
    const adapter = entry.adapter ?? known?.adapter;
    if (adapter === undefined)
      this.#error(["name"], `The tool \`${entry.name}\` does not say how it is spoken to.`, "Give it an `adapter`, such as `command`.");
    const like = known?.adapter === adapter ? known : BUILTIN_TOOLS.find((tool) => tool.adapter === adapter);
    const command = entry.command ?? like?.command;
    if (command === undefined && adapter !== undefined)
      this.#error(["name"], `The tool \`${entry.name}\` has no command.`, "Give it `command: [program, argument, …]`.");
    const [program = ""] = command ?? [];
    if (entry.command !== undefined && program.trim() === "") this.#error(["command"], "The program has no name.", "Name it first.");
    return {
      name: entry.name,
      adapter: adapter ?? "custom",
      capabilities: entry.capabilities ?? like?.capabilities ?? [],
      domains: entry.domains ?? [],
      cost: {
        // A program that asks no model costs nothing unless somebody says so.
        usdPerRun: entry.cost?.usd_per_run ?? (adapter === "command" && entry.cost === undefined ? 0 : null),
        usdPer1kTokens: entry.cost?.usd_per_1k_tokens ?? null,
      },
      limits: {
        concurrency: entry.limits?.concurrency ?? null,
        timeoutMs: this.#duration(entry.limits?.timeout, ["limits", "timeout"]),
        maxUsd: entry.limits?.max_usd ?? null,
      },
      command: [program, ...(command ?? []).slice(1)],
      env: entry.env ?? [],
      health: this.#health(entry),
      version: this.#version(entry, like),
      breaker: {
        failures: entry.breaker?.failures ?? BREAKER_POLICY_DEFAULT.failures,
        windowMs: this.#duration(entry.breaker?.window, ["breaker", "window"]) ?? BREAKER_POLICY_DEFAULT.windowMs,
        recoveryMs: this.#duration(entry.breaker?.recovery, ["breaker", "recovery"]) ?? BREAKER_POLICY_DEFAULT.recoveryMs,
      },
    };
  }

  #health({ health }: ToolEntry): HealthCheck | null {
    if (health === undefined) return null;
    return {
      args: health.args,
      timeoutMs: this.#duration(health.timeout, ["health", "timeout"]) ?? HEALTH_TIMEOUT_MS_DEFAULT,
      everyMs: this.#duration(health.every, ["health", "every"]) ?? HEALTH_EVERY_MS_DEFAULT,
    };
  }

  #version({ version }: ToolEntry, like: ToolDeclaration | undefined): ToolDeclaration["version"] {
    if (version === undefined) return like?.version ?? null;
    const program = version.pattern === undefined ? null : compilePattern(version.pattern);
    if (typeof program === "string") this.#error(["version", "pattern"], `The pattern cannot be used: ${program}.`);
    return { args: version.args, pattern: version.pattern ?? null };
  }

  #duration(text: string | number | undefined, keys: readonly string[]): number | null {
    if (text === undefined) return null;
    const ms = parseDurationMs(text);
    if (ms !== null && ms > 0 && ms <= DURATION_MS_MAX) return ms;
    this.#error(keys, `The duration ${JSON.stringify(text)} cannot be used.`, "Give one from `1ms` to `7d`.");
    return 1;
  }

  #error(keys: readonly string[], problem: string, fix?: string): void {
    this.#reporter.error(at(this.#node, ...keys), "DEF_ROUTER", { problem }, fix);
  }
}
