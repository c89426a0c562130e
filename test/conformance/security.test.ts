/** `docs/security.md` says what is so: its table of proofs, its file of profiles, its lists. */
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parseProfiles, profileSchema } from "../../src/definition/profiles.ts";
import { BUILT_IN_PROFILES, SANDBOX_LEVELS } from "../../src/plan/profile.ts";

const root = new URL("../../", import.meta.url);
const page = readFileSync(new URL("docs/security.md", root), "utf8");
const rows = [...page.matchAll(/^\| (S-\d+) \| ([^|]*) \| (.+) \|$/gm)].map(([, id = "", place = "", proof = ""]) => ({
  id,
  place,
  proof,
}));
const named = rows.flatMap(({ id, proof }) =>
  [...proof.matchAll(/`([^`]+)` "([^"]+)"/g)].map(([, file = "", title = ""]) => [id, file, title] as const),
);

test("every rule has its row, in order", () => {
  expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `S-${index + 1}`));
});

test("every row names a test, or says plainly that there is none", () => {
  const silent = rows.filter(({ id, proof }) => !named.some(([of]) => of === id) && !/^(?:open: |waits for the server)/.test(proof));
  expect(silent).toEqual([]);
});

test.each(named)("%s is proven in %s by «%s»", (_, file, title) => {
  const path = new URL(file, root);
  expect(existsSync(path), `${file} is missing`).toBe(true);
  expect(readFileSync(path, "utf8").includes(title), `${file} has no test «${title}»`).toBe(true);
});

test("every place where a rule is kept is there", () => {
  const places = rows.flatMap(({ place }) => [...place.matchAll(/`([\w.-]+\/[^`]*|[\w-]+\.json)`/g)].map(([, path = ""]) => path));
  expect(places.length).toBeGreaterThan(20);
  expect(places.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

test("the boundary and what is not protected stand in the documentation (S-50)", () => {
  expect(page.replace(/\s+/g, " ")).toContain("Whoever may create or edit a workflow may run any command as the user of the engine.");
  expect(page).toMatch(/^## What is not protected$/m);
});

test("the file of profiles is one, names every key, and the page explains each", () => {
  const text = /<!-- file: profiles\.yaml -->\n```yaml\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? "";
  const { team, untrusted } = parseProfiles(text, "profiles.yaml");
  expect(team).toMatchObject({ sandbox: "restricted", maxAttemptMs: 1_800_000, limits: { memoryBytes: 4 * 2 ** 30, processes: 512 } });
  expect(untrusted).toMatchObject({ sandbox: "sandboxed", network: false, writable: ["build", "reports"], commands: team?.commands });
  const keys = Object.keys(profileSchema.properties as object); // a schema of a map
  const [, section = ""] = page.split("### A file of profiles");
  const listed = [...section.matchAll(/^\| `(\w+)` \|/gm)].map(([, key = ""]) => key).slice(0, keys.length);
  expect(listed.toSorted()).toEqual(keys.toSorted());
  expect(keys.filter((key) => !new RegExp(`^ {4}${key}:`, "m").test(text))).toEqual([]);
});

test("the profiles and levels that are built in are listed", () => {
  for (const name of [...Object.keys(BUILT_IN_PROFILES), ...SANDBOX_LEVELS]) expect(page).toContain(`\`${name}\``);
});

test("every variable of ours that a step gets is listed (S-13)", () => {
  const sources = ["src/ports/attempt-environment.ts", "src/adapters/process-shim/processes.ts", "src/ports/attempt-token.ts"];
  const set = sources.flatMap((file) => readFileSync(new URL(file, root), "utf8").match(/\bTROUPE_[A-Z_]+(?=[:"])/g) ?? []);
  expect(new Set(set).size).toBeGreaterThan(6);
  expect([...new Set(set)].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});
