/** A workflow as it is deployed, and its deployment as something that can be changed without overwriting what somebody else has changed. */
import type { WorkflowView } from "../../../src/contract/workflow-view.ts";
import { addressOf, ask, get } from "../../api/request.ts";

export interface Deployed {
  readonly view: WorkflowView;
  /** Goes back as `If-Match`: what is changed is what was seen. */
  readonly tag: string | null;
}

const pathOf = (name: string): string => `/workflows/${encodeURIComponent(name)}`;

/** Not from the answers that are kept: the tag is wanted with it. @throws ProblemError */
export async function loadWorkflow(name: string, signal?: AbortSignal): Promise<Deployed> {
  return await toDeployed(await ask("GET", addressOf(pathOf(name)), { signal }));
}

/** @throws ProblemError */
export async function loadVersion(name: string, version: string, signal: AbortSignal): Promise<WorkflowView> {
  return await get<WorkflowView>(pathOf(name), { query: { version }, signal });
}

/** @param expected the tag of what was looked at; null where it must be new. @throws ProblemError, with WORKFLOW_CHANGED where it is neither */
export async function deploy(name: string, source: string, expected: string | null): Promise<Deployed> {
  return await toDeployed(
    await ask("PUT", addressOf(pathOf(name)), {
      body: { source },
      headers: expected === null ? { "if-none-match": "*" } : { "if-match": expected },
    }),
  );
}

async function toDeployed(answer: Response): Promise<Deployed> {
  const view = (await answer.json()) as WorkflowView; // The routes' contract.
  return { view, tag: answer.headers.get("etag") };
}
