/** Writes a generated file, or with `--check` on the command line compares it with what is committed. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";

export function emitFile(path: string, content: string): void {
  const committed = existsSync(path) ? readFileSync(path, "utf8") : null;
  if (committed === content) return;
  if (!process.argv.includes("--check")) {
    writeFileSync(path, content);
    process.stdout.write(`wrote ${path}\n`);
    return;
  }
  process.stderr.write(`${path} is not what its source generates. Run \`npm run generate\` and commit the result.\n`);
  process.exitCode = 1;
}

/** Replaces what stands between `<!-- name:begin … -->` and `<!-- name:end -->` of a document. */
export function emitSection(path: string, name: string, content: string): void {
  const document = readFileSync(path, "utf8");
  const pattern = new RegExp(`(<!-- ${name}:begin[^>]*-->\n)[\\s\\S]*?(<!-- ${name}:end -->)`);
  if (!pattern.test(document)) throw new Error(`${path} has no section "${name}"`);
  emitFile(
    path,
    document.replace(pattern, (_, begin: string, end: string) => `${begin}\n${content.trim()}\n\n${end}`),
  );
}
