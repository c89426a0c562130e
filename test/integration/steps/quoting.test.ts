import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { parseText } from "../../../grammar/parse.ts";
import { bindScript, RUN_PREFIX } from "../../../src/steps/shell/script.ts";

const directory = mkdtempSync(join(tmpdir(), "troupe-quoting-"));
afterAll(() => rmSync(directory, { recursive: true, maxRetries: 5 }));

/** Pieces of shell text that open, close and nest every kind of quoting; none of them runs anything but what prints. */
const pieces = [
  ...[
    "echo ",
    "printf %s ",
    "x=",
    ": ",
    "a ",
    " ",
    "\n",
    "; ",
    " | cat",
    " && ",
    "{ :; }\n",
    "# note\n",
    "\\",
    "\\\n",
    "$",
    "$x",
    "$'",
    "'",
    '"',
    "`",
  ],
  ...[
    "$(",
    ")",
    "(",
    "$((1",
    "))",
    "$\u007bx:-",
    "}",
    "cat <<E\n",
    "cat <<'E'\n",
    "\nE\n",
    "<<< ",
    "case a in a) ",
    ";; esac\n",
    "[[ a == ",
    " ]]",
    "[ a = ",
    " ]",
  ],
  ...[
    "if ",
    "then ",
    "fi\n",
    "for i in ",
    "; do ",
    "done\n",
    "eval ",
    "sh -c ",
    "| sh",
    "let ",
    "-eq ",
    "2>&1",
    "&\n",
    ">& ",
    "&> ",
    "> ",
    "< ",
    ">> ",
    "<&",
    ">|",
    "\\>",
    "&>> ",
    "<> ",
    "-v ",
    "test ",
    "export ",
    "read ",
    "\\n",
    "~",
    "*",
    "[",
    "]",
    "=",
  ],
];
const value = "{{ input.v }}";
const payloads = [
  "$(touch pwn)",
  "`touch pwn`",
  ";touch pwn;",
  "\ntouch pwn\n",
  "';touch pwn;'",
  '";touch pwn;"',
  "\nE\ntouch pwn\n",
  "x[$(touch pwn)]",
  "));touch pwn;((",
  "};touch pwn;{",
  "|touch pwn",
];

test("no script that the scanner lets pass runs what stands in a value (S-8)", () => {
  let ran = 0;
  const script = fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constant(value)), { minLength: 2, maxLength: 14 });
  fc.assert(
    fc.property(script, fc.constantFrom(...payloads), (parts, payload) => {
      const text = parts.join("");
      fc.pre(text.includes(value));
      const bound = bindScript(parseText(text), RUN_PREFIX);
      if (bound.findings.some(({ severity }) => severity === "error")) return;
      const env: Record<string, string> = { PATH: process.env.PATH ?? "" };
      for (const { name } of bound.bindings) env[name] = payload;
      const source = bound.pieces.map((piece) => (piece.kind === "text" ? piece.text : "")).join("");
      // A place of its own, since a script may leave a background job behind.
      const cwd = join(directory, String(ran++));
      mkdirSync(cwd);
      spawnSync("bash", ["-c", source], { cwd, env, stdio: "ignore", timeout: 5_000 });
      expect(existsSync(join(cwd, "pwn")), JSON.stringify(source)).toBe(false);
    }),
    { numRuns: 400 },
  );
  for (let i = 0; i < ran; i++) expect(existsSync(join(directory, String(i), "pwn"))).toBe(false);
  // A scanner that refuses everything would prove nothing.
  expect(ran).toBeGreaterThan(100);
}, 60_000); // Hundreds of processes, from one that has grown large.
