/** The question that an attempt puts to the cache: its key, and where the entry of that key stands. */
import type { Digest } from "../../core/ids.ts";
import { canonicalJson } from "../../core/json.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext } from "../../ports/attempt.ts";
import type { CacheSeal, DeclaredFiles, EntryName, IdentifyTool, WorkspaceTree } from "../../ports/cache.ts";
import { baseStepOf, groupOf, keyParts } from "./key.ts";

export interface AskOptions {
  readonly tree: WorkspaceTree;
  readonly identify: IdentifyTool;
  readonly digest: (content: string | Uint8Array) => Digest;
  /** The value of a variable of the engine's environment. */
  readonly environment: (name: string) => string | undefined;
  /** @defaultValue `default` */
  readonly zone?: string;
}

/** What an attempt asks the cache for. */
export interface Asked {
  readonly name: EntryName;
  /** Canonical text of the parts; its digest is the key. */
  readonly text: string;
}

/** Takes the key of an attempt from the machine as it is now. A text says why there is none. */
export async function askFor(context: AttemptContext, policy: CachePolicy, options: AskOptions, seal: CacheSeal): Promise<Asked | string> {
  const { request } = context;
  const found: DeclaredFiles = await options.tree.list(request.workspace, policy.files);
  if (!found.ok) return found.problem;
  const around = {
    digest: options.digest,
    zone: options.zone ?? "default",
    sealId: seal.id,
    environment: (variable: string) => {
      const value = options.environment(variable);
      return value === undefined ? null : seal.sign(`environment\n${variable}\n${value}`).slice(0, 16);
    },
  };
  const text = canonicalJson(keyParts(context, policy, { files: found.files, tool: await options.identify(context) }, around));
  const place = { tenant: request.tenant, workflow: request.workflow.name, step: baseStepOf(context) };
  return { name: { group: groupOf(place, around), key: options.digest(text) }, text };
}
