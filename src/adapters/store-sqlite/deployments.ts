/** Deployed workflows: acts that are never taken back, each with its note in the audit log (DP1). */
import { hash as digest } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { RequestError } from "../../core/errors.ts";
import type { Digest, TenantId } from "../../core/ids.ts";
import type { CurrentDeployment, Deployed, DeployedSource, Deployment, DeploymentStore } from "../../ports/deployments.ts";
import { appendAudit } from "./audit.ts";
import { type DefinitionText, keepDefinition } from "./intake.ts";
import { createQuery } from "./query.ts";
import type { Row } from "./rows.ts";

/** As it crosses the thread border. */
export interface DeployText {
  readonly tenant: string;
  readonly definition: DefinitionText;
  readonly source: string;
  readonly title: string | null;
  readonly steps: number;
  readonly by: string;
  readonly at: number;
  readonly expected: number | null | undefined;
}

export interface UndeployText {
  readonly tenant: string;
  readonly name: string;
  readonly by: string;
  readonly at: number;
  readonly expected: number | undefined;
}

const LAST = "SELECT revision, definition, source FROM deployments WHERE tenant = ? AND name = ? ORDER BY revision DESC LIMIT 1";
const INSERT = "INSERT INTO deployments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

/** Inside the caller's transaction. @throws RequestError WORKFLOW_CHANGED */
export function deploy(db: DatabaseSync, { tenant, definition, source, title, steps, by, at, expected }: DeployText): Deployed {
  const { name, hash } = definition;
  const last = currentOf(db, tenant, name);
  if (expected !== undefined && (last?.revision ?? null) !== expected) throw new RequestError("WORKFLOW_CHANGED", { workflow: name });
  const sourceHash = digest("sha256", source);
  if (last?.definition === hash && last.source === sourceHash) return { revision: last.revision, outcome: "same" };
  keepDefinition(db, definition);
  db.prepare("INSERT INTO sources VALUES (?, ?) ON CONFLICT (hash) DO NOTHING").run(sourceHash, source);
  const revision = appendAudit(db, at, {
    actor: by,
    what: "workflow.deployed",
    data: { tenant, name, definition: hash, source: sourceHash },
  });
  db.prepare(INSERT).run(revision, tenant, name, hash, sourceHash, title, steps, at, by);
  return { revision, outcome: last === null ? "created" : "changed" };
}

/** Inside the caller's transaction. @throws RequestError WORKFLOW_NOT_FOUND, WORKFLOW_CHANGED */
export function undeploy(db: DatabaseSync, { tenant, name, by, at, expected }: UndeployText): void {
  const last = currentOf(db, tenant, name);
  if (last === null) throw new RequestError("WORKFLOW_NOT_FOUND", { workflow: name });
  if (expected !== undefined && last.revision !== expected) throw new RequestError("WORKFLOW_CHANGED", { workflow: name });
  const revision = appendAudit(db, at, { actor: by, what: "workflow.removed", data: { tenant, name, definition: null, source: null } });
  db.prepare(INSERT).run(revision, tenant, name, null, null, null, 0, at, by);
}

function currentOf(db: DatabaseSync, tenant: string, name: string) {
  const row = db.prepare(LAST).get(tenant, name);
  if (row === undefined || row.definition === null) return null;
  return { revision: Number(row.revision), definition: String(row.definition), source: String(row.source) };
}

export function createDeploymentsQuery(db: DatabaseSync): Omit<DeploymentStore, "deploy" | "undeploy"> {
  const last = createQuery(db, LAST);
  const whole = createQuery(db, "SELECT deployments.*, text FROM deployments JOIN sources ON sources.hash = source WHERE revision = ?");
  const ofVersion = createQuery(
    db,
    "SELECT revision FROM deployments WHERE tenant = ? AND name = ? AND definition = ? ORDER BY revision DESC LIMIT 1",
  );
  const current = createQuery(
    db,
    `SELECT deployments.*, (
         SELECT count(DISTINCT definition) FROM deployments AS past WHERE past.tenant = deployments.tenant AND past.name = deployments.name
       ) AS versions
     FROM deployments WHERE definition IS NOT NULL
       AND revision IN (SELECT max(revision) FROM deployments WHERE tenant = ? AND name > ? GROUP BY name)
     ORDER BY name LIMIT ?`,
  );
  const past = createQuery(
    db,
    "SELECT * FROM deployments WHERE tenant = ? AND name = ? AND definition IS NOT NULL ORDER BY revision DESC LIMIT ?",
  );
  const isDeployed = (tenant: string, name: string): boolean => (last.one(tenant, name)?.definition ?? null) !== null;
  return {
    deployment(tenant, name, version) {
      if (!isDeployed(tenant, name)) return null;
      const found = version === undefined ? last.one(tenant, name) : ofVersion.one(tenant, name, version);
      const row = found === undefined ? undefined : whole.one(Number(found.revision));
      return row === undefined ? null : ({ ...toDeployment(row), source: String(row.text) } satisfies DeployedSource);
    },
    deployedSource(tenant, name, version) {
      const found = ofVersion.one(tenant, name, version);
      return found === undefined ? null : String(whole.one(Number(found.revision))?.text);
    },
    deployments: (tenant, after, limit) =>
      current
        .all(tenant, after, limit)
        .map((row) => ({ ...toDeployment(row), versions: Number(row.versions) }) satisfies CurrentDeployment),
    deploymentsOf: (tenant, name, limit) => (isDeployed(tenant, name) ? past.all(tenant, name, limit).map(toDeployment) : []),
  };
}

/** STRICT columns vouch for the types; ids are branded as they were written. */
function toDeployment(row: Row): Deployment {
  return {
    tenant: String(row.tenant) as TenantId,
    name: String(row.name),
    revision: Number(row.revision),
    version: String(row.definition) as Digest,
    title: row.title === null ? null : String(row.title),
    steps: Number(row.steps),
    deployedAt: Number(row.at),
    deployedBy: String(row.actor),
  };
}

/** Acts whose row is not what their note says, and texts that are not what their hash says, by revision (S-47). */
export function strayDeployments(db: DatabaseSync): readonly { readonly revision: number; readonly problem: string }[] {
  const rows = db.prepare(
    `SELECT audit.id AS note, deployments.revision, text, source,
       what = iif(definition IS NULL, 'workflow.removed', 'workflow.deployed') AND deployments.at = audit.at AND deployments.actor = audit.actor
         AND data ->> '$.tenant' = tenant AND data ->> '$.name' = name
         AND data ->> '$.definition' IS definition AND data ->> '$.source' IS source AS fits
     FROM (SELECT id FROM audit WHERE what >= 'workflow.' AND what < 'workflow/' UNION SELECT revision FROM deployments) AS known
       LEFT JOIN audit ON audit.id = known.id LEFT JOIN deployments ON deployments.revision = known.id
       LEFT JOIN sources ON sources.hash = source
     ORDER BY known.id`,
  );
  const strays: { readonly revision: number; readonly problem: string }[] = [];
  for (const row of rows.iterate()) {
    const revision = Number(row.revision ?? row.note);
    if (row.fits !== 1) strays.push({ revision, problem: "the deployed workflow is not the one that was noted" });
    else if (row.source !== null && digest("sha256", String(row.text)) !== row.source)
      strays.push({ revision, problem: "the text of the deployed workflow does not match its hash" });
  }
  return strays;
}
