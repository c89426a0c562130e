/**
 * Security profiles: what steps may do, by name. A step runs under its own profile, its run's and the engine's at once; two profiles
 * together allow what both allow, so that nobody who may write a workflow can widen what an engine was started with.
 */
import { isJsonObject } from "../core/json.ts";
import type { Field } from "./field.ts";
import type { CompiledStep, CompiledWorkflow } from "./workflow.ts";

/** Weakest first. `restricted`: limits of the kernel on one process tree. `sandboxed`: its own file system, processes and network besides. */
export const SANDBOX_LEVELS = ["none", "restricted", "sandboxed"] as const;
export type SandboxLevel = (typeof SANDBOX_LEVELS)[number];

/** Each null for no limit of its own. */
export interface ResourceLimits {
  /** Address space of one process. */
  readonly memoryBytes: number | null;
  readonly cpuSeconds: number | null;
  /** Processes of the user, as the kernel counts them. */
  readonly processes: number | null;
  readonly openFiles: number | null;
  /** Of one file that is written. */
  readonly fileBytes: number | null;
}

export interface SecurityProfile {
  readonly name: string;
  /** Null allows any, here and below. */
  readonly stepTypes: readonly string[] | null;
  /** Programs that a step may start, by the last part of their paths; a script counts as its interpreter. */
  readonly commands: readonly string[] | null;
  /** Names of environment variables that a workflow may set; `*` at the end stands for anything. */
  readonly env: readonly string[] | null;
  /** Hosts that may be called; `*.example.org` covers all below it. */
  readonly hosts: readonly string[] | null;
  /** Directories below the workspace that steps may write to. */
  readonly writable: readonly string[] | null;
  /** Longest attempt in milliseconds; a step needs a time limit that is no longer. */
  readonly maxAttemptMs: number | null;
  readonly sandbox: SandboxLevel;
  readonly limits: ResourceLimits;
  /** Whether a sandboxed step has a network. */
  readonly network: boolean;
}

export const NO_LIMITS: ResourceLimits = { memoryBytes: null, cpuSeconds: null, processes: null, openFiles: null, fileBytes: null };

const OPEN: SecurityProfile = {
  name: "open",
  stepTypes: null,
  commands: null,
  env: null,
  hosts: null,
  writable: null,
  maxAttemptMs: null,
  sandbox: "none",
  limits: NO_LIMITS,
  network: true,
};

/** Enough for builds and tests of one project; what runs away ends. */
const RESTRICTED_LIMITS: ResourceLimits = {
  memoryBytes: 8 * 2 ** 30,
  cpuSeconds: 3_600,
  processes: 4_096,
  openFiles: 4_096,
  fileBytes: 4 * 2 ** 30,
};

export const BUILT_IN_PROFILES: Readonly<Record<string, SecurityProfile>> = {
  open: OPEN,
  restricted: { ...OPEN, name: "restricted", sandbox: "restricted", limits: RESTRICTED_LIMITS },
  sandboxed: { ...OPEN, name: "sandboxed", sandbox: "sandboxed", limits: RESTRICTED_LIMITS, network: false },
};

/** What both allow. */
export function both(one: SecurityProfile, other: SecurityProfile): SecurityProfile {
  const stricter = SANDBOX_LEVELS.indexOf(one.sandbox) >= SANDBOX_LEVELS.indexOf(other.sandbox) ? one.sandbox : other.sandbox;
  return {
    name: one.name === other.name ? one.name : `${one.name}+${other.name}`,
    stepTypes: common(one.stepTypes, other.stepTypes, (a, b) => (a === b ? a : null)),
    commands: common(one.commands, other.commands, (a, b) => (a === b ? a : null)),
    env: common(one.env, other.env, (a, b) => (coversName(a, b) ? b : coversName(b, a) ? a : null)),
    hosts: common(one.hosts, other.hosts, (a, b) => (coversHost(a, b) ? b : coversHost(b, a) ? a : null)),
    writable: common(one.writable, other.writable, (a, b) => (isBelow(b, a) ? b : isBelow(a, b) ? a : null)),
    maxAttemptMs: least(one.maxAttemptMs, other.maxAttemptMs),
    sandbox: stricter,
    limits: {
      memoryBytes: least(one.limits.memoryBytes, other.limits.memoryBytes),
      cpuSeconds: least(one.limits.cpuSeconds, other.limits.cpuSeconds),
      processes: least(one.limits.processes, other.limits.processes),
      openFiles: least(one.limits.openFiles, other.limits.openFiles),
      fileBytes: least(one.limits.fileBytes, other.limits.fileBytes),
    },
    network: one.network && other.network,
  };
}

function least(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.min(one, other);
}

function common(
  one: readonly string[] | null,
  other: readonly string[] | null,
  narrower: (one: string, other: string) => string | null,
): readonly string[] | null {
  if (one === null || other === null) return one ?? other;
  return [...new Set(one.flatMap((a) => other.flatMap((b) => narrower(a, b) ?? [])))];
}

/** `pattern` may end with `*`, and so may `name` when it is a pattern itself. */
function coversName(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;
}

function coversHost(pattern: string, host: string): boolean {
  const [wanted, given] = [pattern.toLowerCase(), host.toLowerCase()];
  return wanted === given || (wanted.startsWith("*.") && given.endsWith(wanted.slice(1)) && given !== wanted.slice(1));
}

/** Whether a path is a directory or lies below it. Both are relative to the workspace; what leads out of it is below nothing. */
export function isBelow(path: string, directory: string): boolean {
  const [inner, outer] = [segments(path), segments(directory)];
  if (inner === null || outer === null) return false;
  return outer.every((segment, index) => inner[index] === segment);
}

function segments(path: string): readonly string[] | null {
  if (path.startsWith("/") || path.includes("\\") || path.includes("\0")) return null;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.includes("..") ? null : parts;
}

export interface Denial {
  /** Path of the field below the step, such as `run`; empty for the step as a whole. */
  readonly field: string;
  readonly message: string;
  readonly fix: string;
}

/** What a profile does not allow a step, as far as its definition tells. Asked when it is checked, and again before it runs. */
export function deniedBy(profile: SecurityProfile, workflow: Pick<CompiledWorkflow, "env">, step: CompiledStep): readonly Denial[] {
  const denials: Denial[] = [];
  const deny = (field: string, message: string, fix: string): void => void denials.push({ field, message, fix });
  const { name, stepTypes, commands, env, hosts, writable, maxAttemptMs } = profile;
  if (stepTypes !== null && !stepTypes.includes(step.type))
    deny("type", `The profile \`${name}\` does not allow steps of type \`${step.type}\`.`, `Allowed are: ${listOf(stepTypes)}.`);
  for (const { field, program } of commands === null ? [] : programsOf(step)) {
    if (!(commands ?? []).includes(program))
      deny(field, `The profile \`${name}\` does not allow \`${program}\`.`, `Allowed are: ${listOf(commands ?? [])}.`);
  }
  for (const variable of env === null ? [] : [...Object.keys(workflow.env), ...Object.keys(step.env)]) {
    if (!(env ?? []).some((pattern) => coversName(pattern, variable)))
      deny("env", `The profile \`${name}\` does not allow the variable \`${variable}\`.`, `Allowed are: ${listOf(env ?? [])}.`);
  }
  const url = literalText(step, "url");
  if (hosts !== null && url !== null && step.type === "webhook") denials.push(...deniedHost(profile, url));
  if (hosts !== null && step.type === "webhook" && leadsElsewhere(step))
    deny("redirects", `The profile \`${name}\` does not allow redirects to other origins.`, "Call the final address.");
  const path = literalText(step, "path");
  if (writable !== null && path !== null && step.type === "template") denials.push(...deniedPath(profile, path));
  const limitMs = step.timeout?.afterMs ?? null;
  if (maxAttemptMs !== null && (limitMs === null || limitMs > maxAttemptMs) && !UNTIMED.has(step.type))
    deny("timeout", `The profile \`${name}\` wants a time limit of ${maxAttemptMs} ms at most.`, "Give the step a `timeout`.");
  return denials;
}

/** Types whose attempts are over at once. */
const UNTIMED: ReadonlySet<string> = new Set(["assert", "switch", "template", "approval", "wait", "workflow"]);

export function deniedHost({ name, hosts }: SecurityProfile, url: string): readonly Denial[] {
  const host = hostOf(url);
  if (hosts === null || (host !== null && hosts.some((pattern) => coversHost(pattern, host)))) return [];
  return [
    { field: "url", message: `The profile \`${name}\` does not allow calls to \`${host ?? url}\`.`, fix: `Allowed are: ${listOf(hosts)}.` },
  ];
}

export function deniedPath({ name, writable }: SecurityProfile, path: string): readonly Denial[] {
  if (writable === null || writable.some((directory) => isBelow(path, directory))) return [];
  return [
    { field: "path", message: `The profile \`${name}\` does not allow writing \`${path}\`.`, fix: `Allowed are: ${listOf(writable)}.` },
  ];
}

/** Whether the answer decides which host is called next. */
function leadsElsewhere({ config: { redirects } }: CompiledStep): boolean {
  const value = redirects?.kind === "literal" ? redirects.value : null;
  return isJsonObject(value) && value.other_origins === true;
}

/** The host of an absolute URL in lower case, without port or credentials; null for anything else. */
function hostOf(url: string): string | null {
  // What reads the URL later takes a backslash for a slash, and drops line breaks.
  if (/[\\\s]/.test(url)) return null;
  const [, authority] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(url) ?? [];
  if (authority === undefined) return null;
  const host = authority.slice(authority.lastIndexOf("@") + 1).replace(/:\d*$/, "");
  return host === "" ? null : host.toLowerCase();
}

/** The programs that a step itself names, each by the last part of its path; the program of a tool is known when it is chosen. */
export function programsOf(step: CompiledStep): readonly { readonly field: string; readonly program: string }[] {
  if (step.type === "agent") return customProgram(step);
  if (step.type !== "shell") return [];
  const { args, cleanup } = step.config;
  const scripts = [...(args === undefined ? ["run"] : []), ...(cleanup === undefined ? [] : ["cleanup"])];
  return [
    ...(args === undefined ? [] : [{ field: "args", program: firstOf(args) }]),
    ...scripts.map((field) => ({ field, program: interpreterOf(step) })),
  ];
}

function customProgram({ config: { custom } }: CompiledStep): ReturnType<typeof programsOf> {
  const literal = custom?.kind === "literal" && isJsonObject(custom.value) ? custom.value.command : undefined;
  const command: Field | undefined =
    custom?.kind === "map" ? custom.entries.command : literal === undefined ? undefined : { kind: "literal", value: literal };
  return command === undefined ? [] : [{ field: "custom.command", program: firstOf(command) }];
}

function interpreterOf({ config: { shell } }: CompiledStep): string {
  if (shell?.kind !== "literal") return "bash";
  return programName(Array.isArray(shell.value) ? shell.value[0] : String(shell.value).trim().split(/\s+/)[0]);
}

function firstOf(command: Field): string {
  if (command.kind === "list") return programName(command.items[0]?.kind === "literal" ? command.items[0].value : null);
  if (command.kind === "literal") return programName(Array.isArray(command.value) ? command.value[0] : command.value);
  return programName(null);
}

/** By which a profile knows a program: the last part of its path. */
export function programName(program: unknown): string {
  return typeof program === "string" ? (program.split("/").at(-1) ?? program) : "a program that a value names";
}

function literalText({ config }: CompiledStep, field: string): string | null {
  const value = config[field];
  return value?.kind === "literal" && typeof value.value === "string" ? value.value : null;
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.map((name) => `\`${name}\``).join(", ");
}
