// Texts that go with code of others.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The licences of the packages whose code is in the bundle ask to come along. */
export function licenses(modules) {
  const roots = new Set(modules.map((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0]).filter((root) => root !== undefined));
  const parts = [...roots].sort().map((root) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
    const file = readdirSync(root).find((entry) => /^licen[cs]e/i.test(entry));
    const text = file === undefined ? `Licence: ${license}` : readFileSync(join(root, file), "utf8").trim();
    return `## ${name} ${version}\n\n${text}\n`;
  });
  return `# Licences of the packages in this bundle\n\n${parts.join("\n")}`;
}
