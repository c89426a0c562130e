/** The security profiles of an engine: those of its file, and the one that it was started with. */
import { resolve } from "node:path";
import { DefinitionError, DefinitionErrors } from "../core/errors.ts";
import { parseProfiles } from "../definition/profiles.ts";
import { BUILT_IN_PROFILES, deniedBy, type SecurityProfile } from "../plan/profile.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { combined } from "../runtime/profile/profile-layer.ts";
import { readText } from "./load-workflow.ts";

export interface ProfileOptions {
  /** File with profiles by name, besides the built-in ones. */
  readonly file?: string;
  /** Under which every step runs, whatever it says itself. */
  readonly floor?: string;
}

export interface Profiles {
  readonly named: Readonly<Record<string, SecurityProfile>>;
  readonly floor: string | null;
  /** @throws DefinitionErrors with all that the profiles of a workflow's steps do not allow */
  admit(workflow: CompiledWorkflow): CompiledWorkflow;
}

/** @throws DefinitionErrors, RequestError FILE_UNREADABLE */
export function openProfiles({ file, floor }: ProfileOptions): Profiles {
  const own = file === undefined ? {} : parseProfiles(readText(resolve(file)), file);
  const named = { ...own, ...BUILT_IN_PROFILES };
  return {
    named: own,
    floor: floor ?? null,
    admit(workflow) {
      const errors = errorsOf(workflow, named, floor ?? null);
      if (errors.length > 0) throw new DefinitionErrors(errors);
      return workflow;
    },
  };
}

function errorsOf(
  workflow: CompiledWorkflow,
  named: Readonly<Record<string, SecurityProfile>>,
  floor: string | null,
): readonly DefinitionError[] {
  return workflow.steps.flatMap((step) => {
    const { id, place } = step;
    const profile = combined(named, [floor, workflow.profile, step.profile]);
    if (profile === null) return [];
    if (typeof profile === "string") {
      const problem = `Step \`${id}\`: there is no security profile \`${profile}\`.`;
      return [new DefinitionError("DEF_POLICY", { problem }, { place, fix: `There are: ${Object.keys(named).join(", ")}.` })];
    }
    return deniedBy(profile, workflow, step).map(
      ({ message, fix }) => new DefinitionError("DEF_POLICY", { problem: `Step \`${id}\`: ${message}` }, { place, fix }),
    );
  });
}
