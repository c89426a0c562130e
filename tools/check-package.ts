/**
 * Packs the package as it would be published and uses it as a stranger would: linters for packages, then an installation into an empty
 * folder, where the command, the library and, on a machine whose own Node is too old, the refusal are tried.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "troupe-package-"));
const { version, engines }: { version: string; engines: { node: string } } = JSON.parse(readFileSync("package.json", "utf8"));
/** With the dashboard, its editor and the server. */
const PACKED_MAX_BYTES = 4_200_000;
let failures = 0;

function run(command: string, args: readonly string[], cwd = ".", env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, stdout, stderr };
}

function report(name: string, isGood: boolean, evidence: string): void {
  process.stdout.write(`${isGood ? "ok    " : "FAILED"} ${name}\n${isGood ? "" : `${evidence}\n`}`);
  if (!isGood) failures++;
}

function check(name: string, command: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr } = run(command, args, cwd);
  report(name, status === 0, stdout + stderr);
  return stdout;
}

try {
  check("builds with types", "npm", ["run", "--silent", "build"]);
  // `--silent` keeps the output of `prepare` out of the JSON.
  const output = check("packs", "npm", ["pack", "--silent", "--json", "--pack-destination", folder]);
  const [packed]: { filename: string; size: number; files: { path: string }[] }[] = JSON.parse(output.slice(output.indexOf("[")));
  if (packed === undefined) throw new Error("npm pack reports no package");
  const tarball = join(folder, packed.filename);
  const strays = packed.files
    .map((file) => file.path)
    .filter(
      (path) =>
        !/^(dist\/.*\.(js|d\.ts|js\.map)|dist\/(bundle|web)\/LICENSES\.md|dist\/web\/(index\.html|icon\.svg|assets\/[\w-]+\.css)|package\.json|[A-Z]+(\.md)?)$/.test(
          path,
        ),
    );
  const tests = packed.files.filter((file) => /\.(test|suite)\./.test(file.path));
  report(
    `holds code, declarations and maps only (${packed.files.length} files)`,
    strays.length + tests.length === 0,
    [...strays, ...tests].join("\n"),
  );
  report(
    `is small (${packed.size} bytes)`,
    packed.size < PACKED_MAX_BYTES && packed.files.length > 50,
    `${packed.size} bytes, ${packed.files.length} files`,
  );
  check("passes publint", "publint", ["--strict", tarball]);
  check("resolves in every way that ESM admits", "attw", ["--profile", "esm-only", "--no-emoji", "--no-color", tarball]);

  writeFileSync(join(folder, "package.json"), '{ "name": "stranger", "private": true, "type": "module" }\n');
  check("installs in an empty folder", "npm", ["install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", tarball], folder);
  const answer = check("answers `npx troupe version`", "npx", ["--no-install", "troupe", "version"], folder);
  report(`says its version (${version})`, answer.includes(version), answer);
  const names = check(
    "can be imported",
    process.execPath,
    ["-e", "import('troupe').then((m) => console.log(Object.keys(m).join(' ')))"],
    folder,
  );
  report("exports createTroupe", names.split(/\s/).includes("createTroupe"), names);

  const outside = (process.env.PATH ?? "")
    .split(delimiter)
    .filter((entry) => !entry.includes("node_modules"))
    .join(delimiter);
  const own = run("node", ["-p", "process.versions.node"], folder, { PATH: outside });
  const [major = 0, minor = 0] = own.stdout.split(".").map(Number);
  if (own.status === 0 && (major < 24 || (major === 24 && minor < 16))) {
    const refusal = run("node", ["node_modules/troupe/dist/src/cli/bin.js", "version"], folder, { PATH: outside });
    const lines = refusal.stderr.trim().split("\n");
    const isClear = refusal.status !== 0 && lines.length === 1 && (lines[0] ?? "").includes("24.16");
    report(
      `an old Node (${own.stdout.trim()}) is told in one line that ${engines.node} is needed`,
      isClear,
      refusal.stderr || "no message",
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
process.stdout.write(failures === 0 ? "The package holds.\n" : `${failures} package checks failed.\n`);
process.exitCode = failures === 0 ? 0 : 1;
