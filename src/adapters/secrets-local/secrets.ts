/** Secrets of this machine: from the engine's environment, or from files. */
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { toError } from "../../core/errors.ts";
import type { FailureClass } from "../../core/failure.ts";
import type { JsonObject } from "../../core/json.ts";
import type { SecretSource } from "../../plan/step-policies.ts";
import type { Secrets, SecretTexts } from "../../ports/secrets.ts";
import { formsOf } from "./forms.ts";

export interface SecretsOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
}

const SECRET_MAX_BYTES = 64 * 1024;
/** A shorter one cannot be hidden: it would be found everywhere. */
const SECRET_MIN_CHARS = 4;
/** Where containers get theirs, with permissions that are not ours to choose. */
const MOUNTS = /^\/(?:var\/)?run\/secrets\//;

const NONE: SecretTexts = { values: {}, masks: [] };

export function createSecrets({ env }: SecretsOptions): Secrets {
  const forms = new Map<string, readonly string[]>();
  /** Working out the forms of a secret takes longer than reading it. */
  function knownForms(text: string): readonly string[] {
    let known = forms.get(text);
    if (known === undefined) {
      known = formsOf(text);
      forms.set(text, known);
    }
    return known;
  }
  return {
    of({ secrets, file }) {
      const names = Object.keys(secrets);
      if (names.length === 0) return NONE;
      const values: JsonObject = Object.create(null);
      const masks = new Set<string>();
      for (const name of names) {
        const found = read(name, secrets[name] as SecretSource, file, env); // The name comes from the record.
        if (found.ok) for (const form of knownForms(found.text)) masks.add(form);
        Object.defineProperty(values, name, { enumerable: true, get: () => (found.ok ? found.text : missing(found)) });
      }
      return { values, masks: [...masks].sort((a, b) => b.length - a.length) };
    },
  };
}

type Found = { readonly ok: true; readonly text: string } | Missing;

interface Missing {
  readonly ok: false;
  readonly code: "SECRET_MISSING" | "SECRET_EXPOSED" | "SECRET_UNUSABLE";
  readonly problem: string;
  readonly fix: string;
}

function missing({ code, problem, fix }: Missing): never {
  const failureClass: FailureClass = "permanent";
  throw Object.assign(new Error(problem), { code, class: failureClass, hint: fix });
}

function read(name: string, source: SecretSource, file: string, env: SecretsOptions["env"]): Found {
  const found = source.kind === "env" ? readVariable(name, source.name, env) : readSecretFile(name, placeOf(source.path, file));
  if (!found.ok) return found;
  if (found.text.length >= SECRET_MIN_CHARS) return found;
  const problem = `The secret \`${name}\` has fewer than ${SECRET_MIN_CHARS} characters, so it could not be hidden.`;
  return { ok: false, code: "SECRET_UNUSABLE", problem, fix: "Use a longer one." };
}

function readVariable(name: string, variable: string, env: SecretsOptions["env"]): Found {
  const text = env[variable];
  if (text !== undefined && text !== "") return { ok: true, text };
  const problem = `The secret \`${name}\` is not there: the engine has no environment variable ${variable}.`;
  return { ok: false, code: "SECRET_MISSING", problem, fix: `Start the engine with ${variable} set.` };
}

function placeOf(path: string, workflowFile: string): string {
  return path.startsWith("~/") ? join(homedir(), path.slice(2)) : resolve(dirname(workflowFile), path);
}

/** The file that is judged is the one that is read. */
function readSecretFile(name: string, path: string): Found {
  const unusable = (code: Missing["code"], problem: string, fix: string): Missing => {
    return { ok: false, code, problem: `The secret \`${name}\` cannot be read from ${path}: ${problem}.`, fix };
  };
  let descriptor: number;
  try {
    // A pipe without a writer would hold us up for ever.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (thrown) {
    return unusable("SECRET_MISSING", toError(thrown).message.replace(/, open .*$/, ""), "Put the secret into that file, or name another.");
  }
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) return unusable("SECRET_UNUSABLE", "it is no file", "Name a file.");
    if (stats.size > SECRET_MAX_BYTES)
      return unusable("SECRET_UNUSABLE", `it has more than ${SECRET_MAX_BYTES} bytes`, "Name a smaller file.");
    if (isExposed(stats, path)) return unusable("SECRET_EXPOSED", "others may read or change it", `chmod 600 ${path}`);
    const text = readFileSync(descriptor, "utf8").replace(/\r?\n$/, "");
    return text === "" ? unusable("SECRET_MISSING", "it is empty", "Put the secret into it.") : { ok: true, text };
  } catch (thrown) {
    return unusable("SECRET_UNUSABLE", toError(thrown).message, "Look at the file.");
  } finally {
    closeSync(descriptor);
  }
}

/** What somebody else has laid down for us may be readable by others too, but not changed by them. */
function isExposed({ mode, uid }: Stats, path: string): boolean {
  const self = process.getuid?.();
  if (self === undefined) return false;
  const isOurs = uid === self && !MOUNTS.test(path);
  return (mode & (isOurs ? 0o077 : 0o022)) !== 0;
}
