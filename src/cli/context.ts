/** What a command works with: streams, environment, configuration, and the state directory when it asks for it. */
import { existsSync, readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { join } from "node:path";
import { RequestError } from "../core/errors.ts";
import type { ProfileOptions } from "../main/profiles.ts";
import type { Project } from "../main/project-shape.ts";
import type { CacheOptions } from "../main/troupe.ts";
import type { CiJob } from "./ci/ci-job-shape.ts";
import type { OutputFormat } from "./option.ts";
import type { SettingName } from "./setting.ts";
import { readSettings, type Settings } from "./settings.ts";
import type { Terminal } from "./terminal.ts";

export interface Context {
  readonly terminal: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly version: string;
  /** Texts that errors may point into and that are no files, under the name by which errors know them. */
  readonly texts: Map<string, { readonly name: string; readonly text: string }>;
  readonly process: Pick<NodeJS.Process, "on" | "off" | "execPath" | "pid">;
  /** Under `--ci`; `terminal` is then the job's log. @defaultValue none */
  readonly ci?: CiJob;
}

/** Options that stand for settings, as commander gives them. */
export interface SettingOptions {
  readonly state?: string | undefined;
  readonly output?: OutputFormat | undefined;
  readonly maxWorkers?: number | undefined;
  readonly durability?: "full" | "relaxed" | undefined;
  readonly tenant?: string | undefined;
  readonly router?: string | undefined;
  readonly publicUrl?: string | undefined;
  readonly profile?: string | undefined;
}

export function createContext(terminal: Terminal, process: NodeJS.Process): Context {
  return { terminal, env: process.env, cwd: process.cwd(), version: readVersion(), texts: new Map(), process };
}

/** Source and published package lie at different depths below `package.json`. */
function readVersion(): string {
  const file = findPackageJSON(".", import.meta.url);
  return file === undefined ? "unknown" : String(JSON.parse(readFileSync(file, "utf8")).version);
}

export async function settingsFor({ env, cwd }: Context, options: SettingOptions): Promise<Settings> {
  const { state, output, maxWorkers, durability, tenant, router, profile, publicUrl } = options;
  const flags: Partial<Record<SettingName, string | undefined>> = {
    state,
    output,
    max_workers: maxWorkers?.toString(),
    durability,
    tenant,
    router,
    profile,
    public_url: publicUrl,
  };
  return readSettings({ flags, env, cwd });
}

export interface OpenProject extends AsyncDisposable {
  readonly project: Project;
  readonly settings: Settings;
  readonly output: OutputFormat;
}

/**
 * Opens the state directory. Commands that only look at runs pass `existing`, so that a look leaves nothing behind.
 *
 * @throws RequestError CLI_USAGE when there is no state directory yet
 */
export async function openProjectFor(
  context: Context,
  options: SettingOptions,
  mode: "existing" | "create" = "create",
): Promise<OpenProject> {
  const settings = await settingsFor(context, options);
  const { state, durability, output, router } = settings.values;
  const cache = cacheOf(settings);
  if (mode === "existing" && !hasState(state)) throw noState(state);
  const { openProject } = await import("../main/project.ts");
  const project = await openProject({
    state,
    durability,
    cache,
    willWrite: mode === "create",
    ...(router !== "" && { router }),
    profiles: profilesOf(settings.values),
  });
  return { project, settings, output, [Symbol.asyncDispose]: () => project[Symbol.asyncDispose]() };
}

/** Which security profiles there are, and which one everything runs under. */
export function profilesOf({ profile, profiles }: Pick<Settings["values"], "profile" | "profiles">): ProfileOptions {
  return { ...(profile !== "" && { floor: profile }), ...(profiles !== "" && { file: profiles }) };
}

/** Where the step cache is and how far it is trusted. */
export function cacheOf({ values }: Settings): CacheOptions {
  return { store: values.cache_store, maxBytes: values.cache_max_bytes, verify: values.cache_verify, zone: values.cache_zone };
}

export function hasState(directory: string): boolean {
  return existsSync(join(directory, "troupe.db"));
}

function noState(directory: string): RequestError {
  return new RequestError(
    "CLI_USAGE",
    { problem: `There are no runs in ${directory}.` },
    { fix: "Start one with `troupe run`, or name another state directory with --state." },
  );
}
