/** From the text of a profile file to the security profiles that it names, or to everything that is wrong with it. */
import { parseDurationMs } from "../core/duration.ts";
import { DefinitionErrors, isTroupeError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import { BUILT_IN_PROFILES, both, isBelow, NO_LIMITS, SANDBOX_LEVELS, type SandboxLevel, type SecurityProfile } from "../plan/profile.ts";
import { checkDocument } from "./check-shape.ts";
import { Findings } from "./finding.ts";
import { readSource } from "./read-source.ts";
import { Reporter } from "./reporter.ts";
import { entryOf, type SourceNode, toData } from "./source-node.ts";
import { SourceText } from "./source-text.ts";

const names = (description: string): JsonObject => ({
  description,
  type: "array",
  items: { type: "string", minLength: 1 },
  maxItems: 1_000,
});
const count = (description: string): JsonObject => ({ description, type: "integer", minimum: 1 });
const size = (description: string): JsonObject => ({ description, type: "string", pattern: "^[0-9]+(?:KiB|MiB|GiB)$" });
const duration = (description: string): JsonObject => ({ description, type: ["string", "number"], minimum: 0 });

/** What one profile may say. */
export const profileSchema: JsonObject = {
  type: "object",
  additionalProperties: false,
  properties: {
    extends: { description: "A profile that this one narrows: `open`, `restricted`, `sandboxed`, or one above it.", type: "string" },
    step_types: names("Types of steps that may run."),
    commands: names("Programs that steps may start; a script counts as its interpreter."),
    env: names("Environment variables that a workflow may set; `*` at the end stands for anything."),
    hosts: names("Hosts that may be called; `*.example.org` covers all below it."),
    writable: names("Directories below the workspace that steps may write to."),
    max_attempt: duration("Longest attempt; every step needs a time limit that is no longer."),
    sandbox: { description: "How far processes are kept from the machine.", type: "string", enum: [...SANDBOX_LEVELS] },
    network: { description: "Whether a sandboxed step has a network.", type: "boolean" },
    limits: {
      description: "Limits of the kernel on processes.",
      type: "object",
      additionalProperties: false,
      properties: {
        memory: size("Address space of one process, such as `2GiB`."),
        cpu: duration("Time of the processor that one process may use."),
        processes: count("Processes of the user."),
        open_files: count("Open files of one process."),
        file_size: size("Size of one file that is written."),
      },
    },
  },
};

const schema: JsonObject = {
  type: "object",
  additionalProperties: false,
  required: ["profiles"],
  properties: {
    apiVersion: { type: "string", enum: ["troupe/v1"] },
    profiles: { type: "object", propertyNames: { pattern: "^[A-Za-z_][A-Za-z0-9_-]*$" }, additionalProperties: profileSchema },
  },
};

/** @throws DefinitionErrors with every error found */
export function parseProfiles(text: string, file: string): Readonly<Record<string, SecurityProfile>> {
  const findings = new Findings();
  const source = new SourceText(text, file);
  const root = readRoot(source, findings);
  if (root === null) throw new DefinitionErrors(findings.errors);
  const reporter = new Reporter(source, root, findings);
  checkDocument(schema, root, "A profile file", reporter);
  if (findings.hasErrors) throw new DefinitionErrors(findings.errors);
  const profiles: Record<string, SecurityProfile> = {};
  const entries = entryOf(root, "profiles")?.value;
  for (const { key, value } of entries?.kind === "map" ? entries.entries : []) {
    const refuse = (at: SourceNode, problem: string, fix: string): void => reporter.error(at, "DEF_PROFILE", { problem }, fix);
    if (Object.hasOwn(BUILT_IN_PROFILES, key)) refuse(value, `\`${key}\` is a built-in profile.`, "Give yours another name.");
    const data = toData(value) as JsonObject; // A profile is a map: the shape has been checked.
    const base = String(data.extends ?? "open");
    const known = [profiles, BUILT_IN_PROFILES].find((all) => Object.hasOwn(all, base))?.[base];
    if (known === undefined)
      refuse(entryOf(value, "extends")?.value ?? value, `There is no profile \`${base}\` above \`${key}\`.`, "Declare it before.");
    else {
      for (const { at, problem, fix } of flawsOf(data)) refuse(nodeAt(value, at), problem, fix);
      const profile = { ...both(known, toProfile(key, data)), name: key };
      profiles[key] = profile;
      // What nothing would keep is not said.
      if (data.limits !== undefined && profile.sandbox === "none")
        refuse(entryOf(value, "limits")?.value ?? value, "`limits` need a sandbox.", "Add `sandbox: restricted`.");
      if (data.network === false && profile.sandbox !== "sandboxed")
        refuse(entryOf(value, "network")?.value ?? value, "`network: false` needs a sandbox.", "Add `sandbox: sandboxed`.");
    }
  }
  if (findings.hasErrors) throw new DefinitionErrors(findings.errors);
  return profiles;
}

function readRoot(source: SourceText, findings: Findings): ReturnType<typeof readSource> | null {
  try {
    return readSource(source);
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.place === undefined) throw thrown;
    findings.add({ code: thrown.code, details: thrown.details, place: thrown.place, path: "" });
    return null;
  }
}

/** What the schema cannot say. Where a limit cannot be read there must be no profile, since it would be one without the limit. */
function flawsOf(data: JsonObject): readonly { readonly at: readonly string[]; readonly problem: string; readonly fix: string }[] {
  const limits = (data.limits ?? {}) as JsonObject; // As below.
  const times = [
    { at: ["max_attempt"], value: data.max_attempt },
    { at: ["limits", "cpu"], value: limits.cpu },
  ];
  const sizes = ["memory", "file_size"].map((name) => ({ at: ["limits", name], value: limits[name] }));
  return [
    ...times
      .filter(({ value }) => value !== undefined && !((durationOf(value) ?? 0) > 0))
      .map(({ at, value }) => ({ at, problem: `\`${String(value)}\` is no time limit.`, fix: "Write it as `90s`, `15m` or `2h`." })),
    ...sizes
      .filter(({ value }) => value !== undefined && !isSize(bytesOf(value)))
      .map(({ at, value }) => ({ at, problem: `\`${String(value)}\` is no size to hold to.`, fix: "Write it as `64MiB` or `2GiB`." })),
    ...((data.writable ?? []) as readonly string[])
      .filter((path) => !isBelow(path, "."))
      .map((path) => ({ at: ["writable"], problem: `\`${path}\` does not lie below the workspace.`, fix: "Name it relative to that." })),
  ];
}

function isSize(bytes: number | null): boolean {
  return bytes !== null && bytes > 0 && Number.isSafeInteger(bytes);
}

function nodeAt(node: SourceNode, path: readonly string[]): SourceNode {
  return path.reduce((at, key) => entryOf(at, key)?.value ?? at, node);
}

function toProfile(name: string, data: JsonObject): SecurityProfile {
  const limits = (data.limits ?? {}) as JsonObject; // As above, here and below.
  const list = (value: unknown): readonly string[] | null => (value === undefined ? null : (value as readonly string[]));
  const amount = (value: unknown): number | null => (value === undefined ? null : (value as number));
  const cpuMs = durationOf(limits.cpu);
  return {
    name,
    stepTypes: list(data.step_types),
    commands: list(data.commands),
    env: list(data.env),
    hosts: list(data.hosts),
    writable: list(data.writable),
    maxAttemptMs: durationOf(data.max_attempt),
    sandbox: (data.sandbox ?? "none") as SandboxLevel,
    network: data.network !== false,
    limits: {
      ...NO_LIMITS,
      memoryBytes: bytesOf(limits.memory),
      cpuSeconds: cpuMs === null ? null : Math.ceil(cpuMs / 1_000),
      processes: amount(limits.processes),
      openFiles: amount(limits.open_files),
      fileBytes: bytesOf(limits.file_size),
    },
  };
}

function durationOf(value: unknown): number | null {
  return typeof value === "string" || typeof value === "number" ? parseDurationMs(value) : null;
}

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

function bytesOf(value: unknown): number | null {
  const [, amount, unit = ""] = typeof value === "string" ? (/^(\d+)(KiB|MiB|GiB)$/.exec(value) ?? []) : [];
  return amount === undefined ? null : Number(amount) * (UNITS[unit] ?? 1);
}
