/** Configuration: flags, then `TROUPE_*`, then the project's file, then the user's, then defaults. Each value knows where it came from. */
import { existsSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type FileKind, type FoundSetting, invalid, readConfigFile } from "./config-file.ts";
import { OptionProblem } from "./option.ts";
import { isSettingName, SETTINGS, type SettingName, type SettingValues } from "./setting.ts";

const CONFIG_FILE = "troupe.config.yaml";

export interface SettingsSources {
  /** Values given on the command line, as text, by setting. */
  readonly flags: Partial<Record<SettingName, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export interface Settings {
  readonly values: SettingValues;
  /** `--state`, `TROUPE_STATE`, `/home/…/config.yaml:3:8` or `default`. */
  readonly origins: Readonly<Record<SettingName, string>>;
  /** As written, for people. */
  readonly texts: Readonly<Record<SettingName, string>>;
  /** Where configuration may stand, whether it is there or not. */
  readonly files: readonly { readonly file: string; readonly kind: FileKind }[];
  /** Directory of the project: that of its configuration or of its state, else the working directory. */
  readonly root: string;
}

/** @throws RequestError CONFIG_INVALID */
export async function readSettings(sources: SettingsSources): Promise<Settings> {
  const root = projectRoot(sources.cwd);
  const projectFile = join(root, CONFIG_FILE);
  const project = await readConfigFile(projectFile, "project");
  const userFile = userConfigFile(sources.env);
  const user = userFile === null ? null : await readConfigFile(userFile, "user");
  const files = [
    { file: projectFile, kind: "project" },
    ...(userFile === null ? [] : [{ file: userFile, kind: "user" } as const]),
  ] as const;
  const names = Object.keys(SETTINGS).filter(isSettingName);
  const found = names.map((name) => [name, resolveSetting(name, sources, project, user, root)] as const);
  const pick = <TValue>(part: (setting: Resolved) => TValue): Record<SettingName, TValue> =>
    Object.fromEntries(found.map(([name, setting]) => [name, part(setting)])) as Record<SettingName, TValue>; // One entry for each name.
  const values = pick(({ value }) => value) as unknown as SettingValues; // Each value was made by the parser of its setting.
  return { values, origins: pick(({ origin }) => origin), texts: pick(({ text }) => text), files, root };
}

interface Resolved {
  readonly value: string | number;
  readonly text: string;
  readonly origin: string;
}

type Found = ReadonlyMap<SettingName, FoundSetting> | null;

function resolveSetting(name: SettingName, { flags, env, cwd }: SettingsSources, project: Found, user: Found, root: string): Resolved {
  const spec = SETTINGS[name];
  const flag = flags[name];
  const variable = env[spec.variable];
  const filed = project?.get(name) ?? user?.get(name);
  const chosen =
    flag !== undefined
      ? { text: flag, origin: `--${name.replaceAll("_", "-")}`, from: cwd }
      : variable !== undefined && variable !== ""
        ? { text: variable, origin: spec.variable, from: cwd }
        : filed !== undefined
          ? { ...filed, from: root }
          : { text: spec.default, origin: "default", from: root };
  const { text, origin } = chosen;
  try {
    const value = spec.parse(text);
    const isPath = name === "state" || ((name === "router" || name === "profiles") && text !== "");
    return { value: isPath ? resolve(chosen.from, text) : value, text, origin };
  } catch (thrown) {
    if (!(thrown instanceof OptionProblem)) throw thrown;
    throw invalid(
      `${origin === spec.variable ? spec.variable : `\`${name}\``} is \`${text}\`. ${thrown.message}`,
      "place" in chosen ? chosen.place : undefined,
    );
  }
}

/** Looks upwards for a configuration or a state directory, no further than the repository; outside of one, only here. */
export function projectRoot(cwd: string): string {
  const above: string[] = [];
  for (let directory = cwd; ; directory = dirname(directory)) {
    above.push(directory);
    if (existsSync(join(directory, ".git"))) return above.find(isProject) ?? cwd;
    if (dirname(directory) === directory) return cwd;
  }
}

function isProject(directory: string): boolean {
  return existsSync(join(directory, CONFIG_FILE)) || existsSync(join(directory, SETTINGS.state.default));
}

function userConfigFile({ XDG_CONFIG_HOME: config, HOME: home }: SettingsSources["env"]): string | null {
  if (config !== undefined && isAbsolute(config)) return join(config, "troupe", "config.yaml");
  return home !== undefined && isAbsolute(home) ? join(home, ".config", "troupe", "config.yaml") : null;
}
