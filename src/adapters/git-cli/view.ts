/**
 * The view of a repository: a git directory of ours that borrows its objects and knows nothing of its configuration (G1). Of that, only
 * what is listed here is taken over, by name and by form of its value.
 */
import { existsSync } from "node:fs";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Git, type GitOptions, type GitPlace, splitNul } from "./git.ts";

export interface ViewOptions extends GitOptions {
  /** `repository`: kept. `scratch`: seen by nobody else, and gone with the view. @defaultValue repository */
  readonly objects?: "repository" | "scratch";
  readonly workTree?: string;
  readonly index?: string;
}

export interface View {
  place(options: ViewOptions): GitPlace;
}

const BOOLEAN = /^(true|false|yes|no|on|off|1|0)$/i;

/** How files are written and compared on this machine; none of it can name a program. */
const TAKEN_OVER: Readonly<Record<string, RegExp>> = {
  "core.autocrlf": /^(true|false|input)$/i,
  "core.eol": /^(lf|crlf|native)$/i,
  "core.filemode": BOOLEAN,
  "core.symlinks": BOOLEAN,
  "core.ignorecase": BOOLEAN,
  "core.precomposeunicode": BOOLEAN,
  "core.sharedrepository": /^(group|all|world|umask|everybody|true|false|0[0-7]{3})$/i,
};

export async function openView(git: Git, commonDir: string, directory: string): Promise<View> {
  const settings = await readSettings(git, commonDir);
  const isSha256 = settings.get("extensions.objectformat") === "sha256";
  await makeView(directory, commonDir, isSha256);
  const config = Object.entries(TAKEN_OVER).flatMap(([name, form]) => {
    const value = settings.get(name);
    return value !== undefined && form.test(value) ? [`${name}=${value}`] : [];
  });
  const excludes = join(commonDir, "info", "exclude");
  if (existsSync(excludes)) config.push(`core.excludesFile=${excludes}`);
  const shallow = join(commonDir, "shallow");
  return {
    place: ({ objects = "repository", workTree, index }) => ({
      gitDir: directory,
      config,
      ...(objects === "repository" && { objects: join(commonDir, "objects") }),
      ...(workTree !== undefined && { workTree }),
      ...(index !== undefined && { index }),
      ...(existsSync(shallow) && { shallow }),
    }),
  };
}

/** Reading a file of settings executes nothing; what it includes is left out. The last value of a name counts. */
async function readSettings(git: Git, commonDir: string): Promise<ReadonlyMap<string, string>> {
  const { stdout } = await git(
    { gitDir: "/nonexistent" },
    ["config", "--file", join(commonDir, "config"), "--no-includes", "--null", "--list"],
    // 1: there is no such file.
    { answers: [0, 1] },
  );
  return new Map(
    splitNul(stdout).map((entry) => {
      const end = entry.indexOf("\n");
      return end < 0 ? [entry, "true"] : [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

async function makeView(directory: string, commonDir: string, isSha256: boolean): Promise<void> {
  await mkdir(join(directory, "objects", "info"), { recursive: true, mode: 0o700 });
  await mkdir(join(directory, "refs"), { recursive: true, mode: 0o700 });
  const config = ["[core]", `repositoryformatversion = ${isSha256 ? 1 : 0}`, "bare = true"];
  if (isSha256) config.push("[extensions]", "objectformat = sha256");
  // Whole or not at all: other processes may be reading them.
  await writeWhole(join(directory, "HEAD"), "ref: refs/heads/none\n");
  await writeWhole(join(directory, "config"), `${config.join("\n")}\n`);
  await writeWhole(join(directory, "objects", "info", "alternates"), `${join(commonDir, "objects")}\n`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, text, { mode: 0o600 });
  await rename(temporary, path);
}
