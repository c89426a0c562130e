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
import type { CompiledStep, CompiledWorkflow } from "../../plan/workflow.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
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
  const profileFor = (workflow: CompiledWorkflow, step: CompiledStep): SecurityProfile | string | null =>
    combined(named, [floor, workflow.profile, step.profile]);
  return {
    name: "profile",
    applies: (step, workflow) => floor !== null || workflow.profile !== null || step.profile !== null,
    async run(context, inner) {
      const { workflow, step } = context.request;
      const profile = profileFor(workflow, step);
      if (profile === null) return await inner(context);
      if (typeof profile === "string")
        return denied("PROFILE_UNKNOWN", `There is no security profile \`${profile}\`.`, `There are: ${Object.keys(named).join(", ")}.`);
      const [denial] = [...deniedBy(profile, workflow, step), ...deniedValues(profile, context)];
      if (denial !== undefined) return denied("POLICY_DENIED", denial.message, denial.fix);
      if (profile.sandbox === "none") return await inner(context);
      const problem = whyNot(profile.sandbox);
      if (problem !== null)
        return denied(
          "SANDBOX_UNAVAILABLE",
          `The profile \`${profile.name}\` wants \`${profile.sandbox}\`, and ${problem}.`,
          "Install it, or choose another profile.",
        );
      if (step.type === "function" && !isInProcessAllowed(profile))
        return denied(
          "POLICY_DENIED",
          `A function runs in the engine and cannot be \`${profile.sandbox}\`.`,
          "Run the code as a shell step.",
        );
      const { workspace } = context.request;
      const writable = (profile.writable ?? ["."]).map((directory) => (directory === "." ? workspace : `${workspace}/${directory}`));
      const { limits, network } = profile;
      return await inner(context.within({ confinement: { level: profile.sandbox, limits, network, writable, hidden } }));
    },
  };
}

/** Code in the engine is trusted like the engine; only the weakest level can be said of it. */
function isInProcessAllowed({ sandbox }: SecurityProfile): boolean {
  return sandbox === "none";
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
  return type === "template" && profile.writable !== null ? deniedPath(profile, textOf(context.value("path") ?? "")) : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

function denied(code: string, title: string, hint: string): Execution {
  return { kind: "failed", failure: { class: "policy", code, title, hint } };
}
