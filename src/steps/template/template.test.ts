import { describe, expect, test } from "vitest";
import { literal, makeContext, makeStep, template, text } from "../../../test/support/attempts.ts";
import type { Field } from "../../plan/field.ts";
import type { Execution } from "../../ports/attempt.ts";
import type { WorkspaceFiles } from "../../ports/workspace.ts";
import { createTemplateStep } from "./execute.ts";

const written: unknown[] = [];
const files: WorkspaceFiles = {
  write(root, path, content) {
    written.push([root, path, content]);
    return Promise.resolve(
      path === "full"
        ? { ok: false, code: "ENOSPC", problem: "no space" }
        : path === ".."
          ? { ok: false, code: "PATH_OUTSIDE", problem: "out" }
          : { ok: true, file: { path, bytes: 5, sha256: "d" } },
    );
  },
};
const type = createTemplateStep({ files });
const body = template("{% for x in input.list %}{{ x }},{% endfor %}");

function render(config: Record<string, Field>): Promise<Execution> {
  return type.execute(
    makeContext(makeStep("template", { template: body, ...config }), { input: { list: [1, "{{ 7*7 }}"] }, workspace: "/w" }),
  );
}

describe("a template step", () => {
  test("answers its text, in which values are never read as templates (S-4)", async () => {
    expect(await render({})).toEqual({ kind: "succeeded", output: { text: "1,{{ 7*7 }}," } });
  });

  test("writes a file and tells what it wrote", async () => {
    expect(await render({ path: text("out-{{ input.list[0] }}.txt") })).toEqual({
      kind: "succeeded",
      output: { path: "out-1.txt", bytes: 5, sha256: "d" },
    });
    expect(written.at(-1)).toEqual(["/w", "out-1.txt", "1,{{ 7*7 }},"]);
  });

  test("fails for good on a wrong path, and for now on a full disk", async () => {
    expect(await render({ path: literal("..") })).toMatchObject({ failure: { class: "permanent", code: "PATH_OUTSIDE" } });
    expect(await render({ path: literal("full") })).toMatchObject({ failure: { class: "transient", code: "ENOSPC" } });
  });

  test("is checked for a template and a path below the workspace", () => {
    const codes = (config: Record<string, Field>): (string | undefined)[] =>
      (type.declaration.check?.(makeStep("template", config)) ?? []).map(({ code }) => code);
    expect(codes({})).toEqual(["TEMPLATE_EMPTY"]);
    expect(codes({ template: body, path: literal("../a") })).toEqual(["PATH_OUTSIDE"]);
    expect(codes({ template: body, path: literal("a/b") })).toEqual([]);
  });
});
