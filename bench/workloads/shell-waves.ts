/** The 36 commands of W5, for Troupe and for those it is compared with. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeWorkflow } from "./workflow-file.ts";

const WAVES = 12;
const WIDTH = 3;

export function listWaves(): readonly (readonly string[])[] {
  return Array.from({ length: WAVES }, (_, wave) => Array.from({ length: WIDTH }, (__, index) => `w${wave}_${index}`));
}

/** `more`: further fields of every step, such as `cache: true`. */
export function writeShellWaves(directory: string, command: string, more = ""): string {
  const waves = listWaves();
  const lines = waves.flatMap((names, wave) =>
    names.map(
      (name) => `  - { id: ${name}, run: "${command}", needs: [${(waves[wave - 1] ?? []).join(", ")}]${more === "" ? "" : `, ${more}`} }`,
    ),
  );
  return writeWorkflow(directory, "waves", lines);
}

export function writeMakefile(directory: string, command: string): string {
  const file = join(directory, "Makefile");
  const rules = listWaves().flatMap((names, wave, waves) =>
    names.map((name) => `${name}: ${(waves[wave - 1] ?? []).join(" ")}\n\t@${command}`),
  );
  writeFileSync(file, [`all: ${listWaves().at(-1)?.join(" ")}`, ...rules, `.PHONY: all ${listWaves().flat().join(" ")}`, ""].join("\n"));
  return file;
}

export function writeNinjaFile(directory: string, command: string): string {
  const file = join(directory, "build.ninja");
  const builds = listWaves().flatMap((names, wave, waves) =>
    names.map((name) => `build ${name}: run ${(waves[wave - 1] ?? []).join(" ")}`),
  );
  writeFileSync(
    file,
    [`rule run`, `  command = ${command}`, ...builds, `build all: phony ${listWaves().at(-1)?.join(" ")}`, "default all", ""].join("\n"),
  );
  return file;
}
