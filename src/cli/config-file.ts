/** Reads a configuration file: a flat map of settings. It is data, and nothing in it can name code (S-46). */
import { readFileSync } from "node:fs";
import { dirname, isAbsolute, relative, resolve } from "node:path";
import { isTroupeError, RequestError, type TroupeError } from "../core/errors.ts";
import { unreadable } from "../core/file-error.ts";
import { nearestName } from "../core/nearest.ts";
import { formatPlace, type Place } from "../core/place.ts";
import type { NotifyRule } from "../plan/notify-rule.ts";
import { isSettingName, SETTINGS, type SettingName } from "./setting.ts";

export interface FoundSetting {
  readonly text: string;
  /** `path:line:column`. */
  readonly origin: string;
  readonly place: Place;
}

/** `project` files come with a checked-out repository, so what they may say is narrower. */
export type FileKind = "project" | "user";

/** The key of the rules that say who is told of what. */
const NOTIFY = "notify";

/** Rules of a file; none where there is no such file. @throws DefinitionErrors with places, RequestError CONFIG_INVALID */
export async function readNotifyRules(file: string, kind: FileKind): Promise<readonly NotifyRule[]> {
  const text = readText(file);
  if (text === null || !text.includes(NOTIFY)) return [];
  const [{ readSource }, { SourceText }, { entryOf }, { parseNotify }] = await Promise.all([
    import("../definition/read-source.ts"),
    import("../definition/source-text.ts"),
    import("../definition/source-node.ts"),
    import("../definition/notify.ts"),
  ]);
  const source = new SourceText(text, file);
  const entry = entryOf(readSource(source), NOTIFY);
  return entry === undefined ? [] : parseNotify(entry, source, kind);
}

/** Null when there is no such file. @throws RequestError CONFIG_INVALID with a place */
export async function readConfigFile(file: string, kind: FileKind): Promise<ReadonlyMap<SettingName, FoundSetting> | null> {
  const text = readText(file);
  if (text === null) return null;
  const [{ readSource }, { SourceText }] = await Promise.all([
    import("../definition/read-source.ts"),
    import("../definition/source-text.ts"),
  ]);
  const source = new SourceText(text, file);
  const found = new Map<SettingName, FoundSetting>();
  if (/^\s*(#[^\n]*\s*)*$/.test(text)) return found;
  try {
    for (const { key, keyStart, keyEnd, value } of readSource(source).entries) {
      const place = source.place(value.start, value.end);
      if (key === NOTIFY) continue; // Read by those who tell somebody.
      if (!isSettingName(key)) throw unknownKey(key, source.place(keyStart, keyEnd));
      if (value.kind !== "scalar" || value.value === null) throw invalid(`\`${key}\` takes a text or a number.`, place);
      found.set(key, { text: pathFor(key, String(value.value), file, kind, place), origin: formatPlace(place), place });
    }
  } catch (thrown) {
    if (!isTroupeError(thrown) || thrown.code === "CONFIG_INVALID") throw thrown;
    throw badSyntax(thrown);
  }
  return found;
}

function readText(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw unreadable(file, thrown);
  }
}

function isMissing(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && (thrown.code === "ENOENT" || thrown.code === "ENOTDIR");
}

/** Paths in a file are relative to it. A project cannot make Troupe write elsewhere. */
function pathFor(key: SettingName, text: string, file: string, kind: FileKind, place: Place): string {
  if (key === "router") return text === "" ? text : resolve(dirname(file), text);
  if (key === "notify_network" && kind === "project" && text !== "public")
    throw invalid("`notify_network` is not for a project to widen.", place, "Give it by a variable or your own configuration file.");
  if (key === "profile" || key === "profiles") {
    // What a checked-out project says cannot lower what its user asks for (S-46).
    if (kind === "project")
      throw invalid(`\`${key}\` is not for a project to say.`, place, "Give it by a flag, a variable or your own configuration file.");
    return key === "profile" || text === "" ? text : resolve(dirname(file), text);
  }
  if (key !== "state") return text;
  const directory = dirname(file);
  const absolute = resolve(directory, text);
  const inside = relative(directory, absolute);
  if (kind === "project" && (inside.startsWith("..") || isAbsolute(inside))) {
    throw invalid(
      "`state` of a project lies inside the project.",
      place,
      "Give a directory outside by --state, TROUPE_STATE or your own configuration file.",
    );
  }
  return absolute;
}

function badSyntax(thrown: TroupeError): RequestError {
  return new RequestError(
    "CONFIG_INVALID",
    { problem: thrown.message },
    { cause: thrown, ...(thrown.place !== undefined && { place: thrown.place }) },
  );
}

function unknownKey(key: string, place: Place): RequestError {
  const known = [...Object.keys(SETTINGS), NOTIFY];
  const near = nearestName(key, known);
  const fix = near === undefined ? `Settings are ${known.join(", ")}.` : `Did you mean \`${near}\`?`;
  return invalid(`There is no setting \`${key}\`.`, place, fix);
}

export function invalid(problem: string, place?: Place, fix?: string): RequestError {
  return new RequestError("CONFIG_INVALID", { problem }, { ...(place !== undefined && { place }), ...(fix !== undefined && { fix }) });
}
