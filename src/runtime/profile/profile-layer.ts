/**
 * Keeps attempts to their security profile: what is not allowed fails with the class `policy` before anything begins, and what runs is
 * confined. The definition was checked against the same rules; a profile may have become stricter since, and values are known only now.
 */
import type { Json } from "../../core/json.ts";
import {
  BUILT_IN_PROFILES,
  both,
  type Denial,
  deniedBy,
  deniedHost,
  deniedPath,
  type SandboxLevel,
  type SecurityProfile,
} from "../../plan/profile.ts";
import type { AttemptContext, AttemptRequest, Execution } from "../../ports/attempt.ts";
import type { AttemptLayer } from "../../ports/attempt-layer.ts";

export interface ProfileLayerOptions {
  /** Profiles by name, besides the built-in ones. */
  readonly profiles: Readonly<Record<string, SecurityProfile>>;
  /** Under which every step runs, whatever it says itself; null for none. */
  readonly floor: string | null;
  /** Why a level cannot be had on this machine; null when it can. */
  readonly whyNot: (level: SandboxLevel) => string | null;
  /** Directories that confined steps must not see. */
  readonly hidden: readonly string[];
}

export function createProfileLayer({ profiles, floor, whyNot, hidden }: ProfileLayerOptions): AttemptLayer {
  const named = { ...profiles, ...BUILT_IN_PROFILES };
  const namesFor = ({ workflow, step, profile }: AttemptRequest): readonly (string | null)[] => [
    floor,
    profile ?? null,
    workflow.profile,
    step.profile,
  ];
  return {
    name: "profile",
    applies: (request) => namesFor(request).some((name) => name !== null),
    async run(context, inner) {
      const profile = combined(named, namesFor(context.request));
      if (profile === null) return await inner(context);
      const refusal = typeof profile === "string" ? unknownProfile(profile, Object.keys(named)) : refusalOf(profile, context, whyNot);
      // What an engine before this one began under other rules is ended; the attempt after it is refused (L3).
      if (refusal !== null) return context.isReattached ? await inner(context.within({ mustEnd: true })) : refusal;
      return await inner(typeof profile === "string" ? context : ruled(profile, context, hidden));
    },
  };
}

function unknownProfile(name: string, known: readonly string[]): Execution {
  return denied("PROFILE_UNKNOWN", `There is no security profile \`${name}\`.`, `There are: ${known.join(", ")}.`);
}

/** Why the attempt may not be; null when it may. */
function refusalOf(profile: SecurityProfile, context: AttemptContext, whyNot: ProfileLayerOptions["whyNot"]): Execution | null {
  const { workflow, step } = context.request;
  const [denial] = [...deniedBy(profile, workflow, step), ...deniedValues(profile, context)];
  if (denial !== undefined) return denied("POLICY_DENIED", denial.message, denial.fix);
  const { name, sandbox } = profile;
  const problem = whyNot(sandbox);
  if (problem !== null)
    return denied(
      "SANDBOX_UNAVAILABLE",
      `The profile \`${name}\` wants \`${sandbox}\`, and ${problem}.`,
      "Install it, or choose another profile.",
    );
  // Code in the engine is trusted like the engine.
  if (step.type === "function" && sandbox !== "none")
    return denied("POLICY_DENIED", `A function runs in the engine and cannot be \`${sandbox}\`.`, "Run the code as a shell step.");
  return null;
}

/** The attempt within its bounds. */
function ruled(profile: SecurityProfile, context: AttemptContext, hidden: readonly string[]): AttemptContext {
  const { name, commands, sandbox: level, limits, network } = profile;
  const programs = commands === null ? {} : { programs: { allow: commands, by: `profile \`${name}\`` } };
  if (level === "none") return context.within(programs);
  const { workspace } = context.request;
  const writable = (profile.writable ?? ["."]).map((directory) => (directory === "." ? workspace : `${workspace}/${directory}`));
  return context.within({ ...programs, confinement: { level, limits, network, root: workspace, writable, hidden } });
}

/** All of the named profiles at once; the name of one that does not exist; null when none is named. */
export function combined(
  profiles: Readonly<Record<string, SecurityProfile>>,
  names: readonly (string | null)[],
): SecurityProfile | string | null {
  let profile: SecurityProfile | null = null;
  for (const name of new Set(names)) {
    if (name === null) continue;
    const next = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (next === undefined) return name;
    profile = profile === null ? next : both(profile, next);
  }
  return profile;
}

/** What only the values tell. */
function deniedValues(profile: SecurityProfile, context: AttemptContext): readonly Denial[] {
  const { type } = context.request.step;
  if (type === "webhook" && profile.hosts !== null) return deniedHost(profile, textOf(context.value("url")));
  const path = type === "template" && profile.writable !== null ? context.value("path") : undefined;
  return path === undefined ? [] : deniedPath(profile, textOf(path));
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function denied(code: string, title: string, hint: string): Execution {
  return { kind: "failed", failure: { class: "policy", code, title, hint } };
}
