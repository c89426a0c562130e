/** Workflows that were deployed: stored by tenant and name, so that whoever may run but not write one can start it (S-33). */
import type { Digest, TenantId } from "../core/ids.ts";
import type { DefinitionRow } from "./store.ts";

/** One act of deploying. The last one of a tenant's name counts; the ones before are its history. */
export interface Deployment {
  readonly tenant: TenantId;
  readonly name: string;
  /** Grows with every act in the store: the id of its note in the audit log. */
  readonly revision: number;
  /** Hash of the definition. */
  readonly version: Digest;
  readonly title: string | null;
  readonly steps: number;
  /** Epoch milliseconds. */
  readonly deployedAt: number;
  readonly deployedBy: string;
}

export interface CurrentDeployment extends Deployment {
  /** How many different definitions it has had. */
  readonly versions: number;
}

export interface DeployedSource extends Deployment {
  /** The text as it was deployed. */
  readonly source: string;
}

export interface DeployOrder {
  readonly tenant: TenantId;
  readonly definition: DefinitionRow;
  readonly source: string;
  readonly title: string | null;
  readonly steps: number;
  readonly by: string;
  /** The revision that must be the last one, null where there must be none. @defaultValue whichever it is */
  readonly expected?: number | null | undefined;
}

export interface UndeployOrder {
  readonly tenant: TenantId;
  readonly name: string;
  readonly by: string;
  readonly expected?: number;
}

export interface Deployed {
  readonly revision: number;
  /** `same`: it was deployed with this very text already, and nothing was written. */
  readonly outcome: "created" | "changed" | "same";
}

/**
 * DP1 An act and its note in the audit log are one transaction (S-47).
 * DP2 Neither deployments nor definitions are ever removed: a run keeps the definition that it was started with (I-29).
 * DP3 Of two writers who expect the same revision, one is refused.
 */
export interface DeploymentStore {
  /** The last act of a name; with a version, the last one that deployed it. Null where the name is not deployed now. */
  deployment(tenant: TenantId, name: string, version?: Digest): DeployedSource | null;
  /** The text by which a definition was deployed last, also when the name is not deployed any more; null where it never was. */
  deployedSource(tenant: TenantId, name: string, version: Digest): string | null;
  /** What is deployed now, by name, after this one. */
  deployments(tenant: TenantId, after: string, limit: number): readonly CurrentDeployment[];
  /** Acts of a name, newest first; empty where it is not deployed now. */
  deploymentsOf(tenant: TenantId, name: string, limit: number): readonly Deployment[];
  /** @throws RequestError WORKFLOW_CHANGED */
  deploy(order: DeployOrder): Promise<Deployed>;
  /** @throws RequestError WORKFLOW_NOT_FOUND, WORKFLOW_CHANGED */
  undeploy(order: UndeployOrder): Promise<void>;
}
