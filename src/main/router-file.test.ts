import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { BUILTIN_ROUTER } from "../plan/builtin-tools.ts";
import { createRouterFiles } from "./router-file.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "troupe-router-"));
  mkdirSync(join(root, "a/b"), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const declare = (file: string, name: string, program = "prog"): void =>
  writeFileSync(join(root, file), `tools: [{ name: ${name}, adapter: command, command: [${program}] }]\n`);

test("the next router upwards is found, no further than the repository", () => {
  declare("router.yaml", "outer");
  const routerOf = createRouterFiles(undefined);
  expect(routerOf(join(root, "a/b"))).toEqual(BUILTIN_ROUTER); // No repository: only beside it.
  expect(routerOf(root).tools[0]?.name).toBe("outer");
  mkdirSync(join(root, ".git"));
  expect(routerOf(join(root, "a/b/flow.yaml")).tools[0]?.name).toBe("outer");
  declare("a/router.yaml", "inner");
  expect(routerOf(join(root, "a/b/flow.yaml")).tools[0]?.name).toBe("inner");
  mkdirSync(join(root, "a/b/.git"));
  expect(routerOf(join(root, "a/b/flow.yaml"))).toEqual(BUILTIN_ROUTER);
});

test("a file that is named is the only one, and must be there", () => {
  declare("router.yaml", "found");
  declare("mine.yaml", "mine");
  expect(createRouterFiles(join(root, "mine.yaml"))(root)).toMatchObject({
    file: join(root, "mine.yaml"),
    tools: [{ name: "mine" }, {}, {}, {}, {}],
  });
  expect(() => createRouterFiles(join(root, "nowhere.yaml"))(root)).toThrow(expect.objectContaining({ code: "FILE_UNREADABLE" }));
});

test("a router is read again when it has changed", () => {
  declare("router.yaml", "first");
  const routerOf = createRouterFiles(undefined);
  expect(routerOf(root)).toBe(routerOf(root));
  declare("router.yaml", "second");
  expect(routerOf(root).tools[0]?.name).toBe("second");
});

test("a program with a slash lies beside the file that names it", () => {
  declare("router.yaml", "stub", "./bin/stub");
  expect(createRouterFiles(undefined)(root).tools[0]?.command).toEqual([join(root, "bin/stub")]);
});
