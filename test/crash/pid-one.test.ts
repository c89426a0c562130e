/** F-22: the engine is the first process of its world, as in a container without an init. Nothing of a thousand steps is left as a zombie. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runCommand } from "../support/command.ts";
import { workflowOf } from "../support/workflow-of.ts";

const AS_PID_ONE = ["unshare", "--fork", "--pid", "--mount-proc", "--kill-child"];
const hasNamespaces = spawnSync("unshare", [...AS_PID_ONE.slice(1), "true"]).status === 0;
const STEPS = 1_000;

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true, force: true });
});

test(`as PID 1 an engine leaves no zombie of ${STEPS} steps (F-22)`, async (context) => {
  if (!hasNamespaces) {
    console.warn("SKIPPED: F-22 needs the right to make a PID namespace");
    context.skip("needs a PID namespace");
  }
  const root = mkdtempSync(join(tmpdir(), "troupe-pid-one-"));
  roots.push(root);
  const many = Array.from({ length: STEPS }, (_, index) => [`- id: s${index}`, "  run: 'true | true'"]).flat();
  // What has just ended may not be waited for yet; what nobody waits for stays.
  const look = "for i in $(seq 200); do zombies=$(ps -eo stat=,comm= | grep -c ^Z || true); [ $zombies = 0 ] && break; sleep 0.05; done";
  const count = ["- id: count", `  needs: [${Array.from({ length: STEPS }, (_, index) => `s${index}`).join(", ")}]`];
  const report = `  run: '${look}; echo "zombies $zombies, engine $(cat /proc/1/comm), processes $(ps -e | wc -l)" > seen; ps -eo stat=,comm= >> seen'`;
  writeFileSync(join(root, "many.yaml"), workflowOf(...many, ...count, report));
  const { code, stderr } = await runCommand(["run", "many.yaml", "--state", join(root, "state"), "--durability", "relaxed", "-o", "json"], {
    cwd: root,
    through: AS_PID_ONE,
  });
  expect({ code, stderr: stderr.slice(-500) }).toMatchObject({ code: 0 });
  const seen = readFileSync(join(root, "seen"), "utf8");
  process.stdout.write(`${STEPS} steps below PID 1: ${seen.split("\n")[0]}\n`);
  expect(seen).toMatch(/^zombies 0, engine (node|MainThread)/);
});
