/** What every store must hold about deployed workflows (S-33, S-47). */
import { describe, expect, test } from "vitest";
import type { Digest, TenantId } from "../../src/core/ids.ts";
import type { DeployOrder } from "../../src/ports/deployments.ts";
import { DEFINITION, definitionRow, Script, T0 } from "./store.entries.ts";
import type { StoreHarness } from "./store.harness.ts";

const ACME = "acme" as TenantId;
const OTHER = "other" as TenantId;
const SECOND = "d1".repeat(32) as Digest;

function order(changes: Partial<DeployOrder> & { readonly hash?: Digest; readonly name?: string } = {}): DeployOrder {
  const { hash = DEFINITION, name = "build", ...rest } = changes;
  const definition = { ...definitionRow(), hash, name };
  return { tenant: ACME, definition, source: `text of ${hash}`, title: "Build", steps: 2, by: "ada", ...rest };
}

export function describeDeployments({ openFresh, openReady, reopen }: StoreHarness): void {
  describe("deployed workflows", () => {
    test("are read back by name, by whoever opens the store next, and bring their definition along", async () => {
      const store = await openFresh();
      expect([store.deployment(ACME, "build"), store.deployments(ACME, "", 10)]).toEqual([null, []]);
      const { revision, outcome } = await store.deploy(order());
      expect(outcome).toBe("created");
      const again = (await reopen(store)) ?? store;
      const kept = { tenant: ACME, name: "build", revision, version: DEFINITION, title: "Build", steps: 2, deployedBy: "ada" };
      expect(again.deployment(ACME, "build")).toMatchObject({ ...kept, source: `text of ${DEFINITION}` });
      expect(again.deployments(ACME, "", 10)).toMatchObject([{ ...kept, versions: 1 }]);
      expect(again.definition(DEFINITION)).toMatchObject({ name: "build" });
    });

    test("have a version for each definition, and an act for each text; the same text again is no act", async () => {
      const store = await openFresh();
      await store.deploy(order());
      expect((await store.deploy(order())).outcome).toBe("same");
      expect((await store.deploy(order({ source: "# a comment" }))).outcome).toBe("changed");
      expect((await store.deploy(order({ hash: SECOND }))).outcome).toBe("changed");
      expect(store.deployments(ACME, "", 10)).toMatchObject([{ version: SECOND, versions: 2 }]);
      expect(store.deploymentsOf(ACME, "build", 10).map(({ version }) => version)).toEqual([SECOND, DEFINITION, DEFINITION]);
      expect(store.deploymentsOf(ACME, "build", 1)).toHaveLength(1);
      expect(store.deployment(ACME, "build", DEFINITION)).toMatchObject({ version: DEFINITION, source: "# a comment" });
      expect(store.deployment(ACME, "build", "no" as Digest)).toBeNull();
    });

    test("of one tenant are nobody else's (S-31)", async () => {
      const store = await openFresh();
      await store.deploy(order());
      await store.deploy(order({ tenant: OTHER, source: "theirs" }));
      expect(store.deployment(ACME, "build")?.source).toBe(`text of ${DEFINITION}`);
      await store.undeploy({ tenant: OTHER, name: "build", by: "eve" });
      expect([store.deployments(OTHER, "", 10), store.deployments(ACME, "", 10).length]).toEqual([[], 1]);
    });

    test("are listed in pages, by name", async () => {
      const store = await openFresh();
      for (const [index, name] of ["c", "a", "b"].entries())
        await store.deploy(order({ name, hash: `e${index}`.repeat(32) as Digest, source: name }));
      const names = (after: string, limit: number) => store.deployments(ACME, after, limit).map(({ name }) => name);
      expect([names("", 2), names("b", 2), names("c", 2)]).toEqual([["a", "b"], ["c"], []]);
    });

    test("that are removed are gone, and what they were is kept for runs that have it and for a later deployment", async () => {
      const store = await openFresh();
      await store.deploy(order());
      await store.undeploy({ tenant: ACME, name: "build", by: "ada" });
      expect([store.deployment(ACME, "build"), store.deployment(ACME, "build", DEFINITION), store.deploymentsOf(ACME, "build", 9)]).toEqual(
        [null, null, []],
      );
      expect(store.definition(DEFINITION)).not.toBeNull();
      await expect(store.undeploy({ tenant: ACME, name: "build", by: "ada" })).rejects.toMatchObject({ code: "WORKFLOW_NOT_FOUND" });
      expect((await store.deploy(order())).outcome).toBe("created");
      expect(store.deploymentsOf(ACME, "build", 9)).toHaveLength(2);
    });

    test("are changed by one of two who saw the same (DP3)", async () => {
      const store = await openFresh();
      const { revision } = await store.deploy(order({ expected: null }));
      const changes = ["x", "y"].map((source) => store.deploy(order({ source, expected: revision })));
      const settled = await Promise.allSettled(changes);
      expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
      await expect(changes[1]).rejects.toMatchObject({ code: "WORKFLOW_CHANGED" });
      await expect(store.deploy(order({ source: "z", expected: null }))).rejects.toMatchObject({ code: "WORKFLOW_CHANGED" });
      await expect(store.undeploy({ tenant: ACME, name: "build", by: "eve", expected: revision })).rejects.toMatchObject({
        code: "WORKFLOW_CHANGED",
      });
      expect(store.deployment(ACME, "build")?.source).toBe("x");
    });

    test("are notes of the audit log, which name who did it (S-47)", async () => {
      const store = await openFresh();
      const { revision } = await store.deploy(order());
      await store.undeploy({ tenant: ACME, name: "build", by: "eve" });
      const notes = store.audits(0, 10).filter(({ what }) => what.startsWith("workflow."));
      expect(notes).toMatchObject([
        { id: revision, actor: "ada", what: "workflow.deployed", data: { tenant: ACME, name: "build", definition: DEFINITION } },
        { actor: "eve", what: "workflow.removed", data: { tenant: ACME, name: "build", definition: null } },
      ]);
      expect(store.verify().breaks).toEqual([]);
    });

    test("stay when derived rows are made anew, and when old runs are removed (F-33, I-45)", async () => {
      const { store, commit } = await openReady();
      await store.deploy(order());
      await commit(new Script(1).whole().take());
      const before = [store.deployment(ACME, "build"), store.deployments(ACME, "", 10)];
      await store.rebuild("ada");
      expect((await store.prune({ olderThanMs: -T0, keep: 0, actor: "ada" })).runs).toBe(1);
      expect([store.deployment(ACME, "build"), store.deployments(ACME, "", 10)]).toEqual(before);
      expect(store.verify().breaks).toEqual([]);
    });
  });
}
