import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { SecretSource } from "../../plan/step-policies.ts";
import { formsOf } from "./forms.ts";
import { createSecrets } from "./secrets.ts";

const directory = mkdtempSync(join(tmpdir(), "troupe-secrets-"));
afterAll(() => rmSync(directory, { recursive: true }));

const of = (secrets: Record<string, SecretSource>, env: Record<string, string> = {}) =>
  createSecrets({ env }).of({ secrets, file: join(directory, "w.troupe.yaml") });

function file(name: string, content: string, mode = 0o600): SecretSource {
  writeFileSync(join(directory, name), content);
  chmodSync(join(directory, name), mode);
  return { kind: "file", path: name };
}

describe("a secret", () => {
  test("comes from the environment, or from a file beside the workflow, without its last line break", () => {
    const { values } = of({ A: { kind: "env", name: "TOKEN" }, B: file("b", "from-file\n") }, { TOKEN: "from-env" });
    expect(values).toMatchObject({ A: "from-env", B: "from-file" });
    expect(of({ B: { kind: "file", path: join(directory, "b") } }).values.B).toBe("from-file");
  });

  test("costs nothing where there is none", () => {
    expect(of({})).toEqual({ values: {}, masks: [] });
  });

  test("that is missing fails who asks for it, and nobody else", () => {
    const { values, masks } = of({ A: { kind: "env", name: "NONE" }, B: { kind: "env", name: "TOKEN" } }, { TOKEN: "value" });
    expect(values.B).toBe("value");
    expect(masks).toContain("value");
    expect(() => values.A).toThrow(
      expect.objectContaining({ code: "SECRET_MISSING", class: "permanent", hint: expect.stringContaining("NONE") }),
    );
  });

  test.each([
    ["SECRET_MISSING", () => ({ kind: "file", path: "absent" }) as const],
    ["SECRET_MISSING", () => file("empty", "\n")],
    ["SECRET_EXPOSED", () => file("group", "readable", 0o640)],
    ["SECRET_EXPOSED", () => file("world", "readable", 0o604)],
    ["SECRET_EXPOSED", () => file("written", "writable", 0o620)],
    ["SECRET_UNUSABLE", () => file("large", "x".repeat(70_000))],
    ["SECRET_UNUSABLE", () => file("short", "abc")],
    ["SECRET_UNUSABLE", () => ({ kind: "file", path: "." }) as const],
    [
      "SECRET_UNUSABLE",
      () => {
        execFileSync("mkfifo", ["-m", "600", join(directory, "pipe")]);
        return { kind: "file", path: "pipe" } as const;
      },
    ],
  ] as const)("fails with %s", (code, source) => {
    const { values, masks } = of({ A: source() });
    expect(() => values.A).toThrow(expect.objectContaining({ code }));
    expect(masks).toEqual([]);
  });
});

describe("the forms of a secret", () => {
  const secret = 's3cr"t/ö+x\n';

  test("are those that programs print", () => {
    const forms = formsOf(secret);
    expect(forms).toContain(secret);
    expect(forms).toContain('s3cr\\"t/ö+x\\n');
    expect(forms).toContain(encodeURIComponent(secret));
    expect(forms).toContain("s3cr%22t%2F%C3%B6%2Bx%0A");
    expect(forms).toContain(Buffer.from(secret).toString("hex"));
    expect(forms.every((form, index) => index === 0 || form.length <= (forms[index - 1]?.length ?? 0))).toBe(true);
  });

  test("hold the lines of a key", () => {
    expect(formsOf("-----BEGIN KEY-----\nMIIEvQIBADAN\nab\n")).toEqual(expect.arrayContaining(["MIIEvQIBADAN", "-----BEGIN KEY-----"]));
  });

  test("find it in base64, whatever stands around it", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 10, maxLength: 30, unit: "grapheme" }), fc.string(), fc.string(), (text, before, after) => {
        for (const encoding of ["base64", "base64url"] as const) {
          const encoded = Buffer.from(before + text.toWellFormed() + after).toString(encoding);
          expect(formsOf(text.toWellFormed()).some((form) => encoded.includes(form))).toBe(true);
        }
      }),
    );
  });
});
