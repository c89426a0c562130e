/** The examples of docs/tools.md, in order, in one folder. */
import { chmodSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkRouter } from "../../../src/definition/router.ts";
import { createFolder } from "../cli/in-process.ts";

const page = readFileSync("docs/tools.md", "utf8");

function blocks(info: string): readonly string[] {
  return [...page.matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, text = ""]) => text);
}

/** `…` stands for anything on its line. */
function expectLines(text: string, expected: readonly string[], command: string): void {
  const pattern = expected.map((line) => line.split("…").map(RegExp.escape).join(".*")).join("\n");
  expect(text.trimEnd(), command).toMatch(new RegExp(`^${pattern}(\n[\\s\\S]*)?$`));
}

test("every router in the documentation is right", () => {
  for (const file of ["docs/tools.md", "docs/agents.md"]) {
    const routers = [...readFileSync(file, "utf8").matchAll(/^```yaml router\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
    expect(routers.length, file).toBeGreaterThan(0);
    for (const text of routers) expect(checkRouter(text, file).findings).toEqual([]);
  }
});

test("the commands of docs/tools.md print what it says", async () => {
  using folder = createFolder();
  mkdirSync(join(folder.path, ".git"));
  writeFileSync(join(folder.path, "router.yaml"), blocks("yaml router")[0] ?? "");
  writeFileSync(join(folder.path, "tidy.sh"), blocks("sh")[0] ?? "");
  chmodSync(join(folder.path, "tidy.sh"), 0o755);
  writeFileSync(join(folder.path, "tidy.troupe.yaml"), blocks("yaml")[0] ?? "");
  const home = realpathSync(folder.path);
  const commands = blocks("console").flatMap((block) => block.split(/^\$ troupe /m).slice(1));
  expect(commands.length).toBeGreaterThan(4);
  for (const [line = "", ...expected] of commands.map((command) => command.trimEnd().split("\n"))) {
    const words = line.split(" ").map((word) => (word.endsWith(".troupe.yaml") ? join(folder.path, word) : word));
    const { out, err, code } = await folder.run(words, { env: { PATH: "/usr/bin:/bin" }, columns: 160 });
    expect({ line, code, ...(code !== 0 && { err }) }).toEqual({ line, code: 0 });
    const shown = (out === "" ? err : out).replaceAll(home, ".").replaceAll(folder.path, ".");
    expectLines(shown, expected, line);
  }
});
