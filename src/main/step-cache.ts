/** The step cache of a state directory: where it is, who seals it, and the layer that stands around attempts. */
import { hash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { createCaptures } from "../adapters/cache-fs/captures.ts";
import { openSeal, sealWith } from "../adapters/cache-fs/seal.ts";
import { createFileCache } from "../adapters/cache-fs/store.ts";
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { createFileDigests } from "../adapters/workspace-fs/file-digests.ts";
import { createWorkspaceTree } from "../adapters/workspace-fs/tree.ts";
import { RequestError } from "../core/errors.ts";
import type { Digest } from "../core/ids.ts";
import type { JsonObject } from "../core/json.ts";
import type { AttemptContext, StepType } from "../ports/attempt.ts";
import type { AttemptLayer } from "../ports/attempt-layer.ts";
import type { CacheSeal, CacheStore } from "../ports/cache.ts";
import { contentsOf, parseEntry } from "../runtime/cache/entry.ts";
import { createCacheLayer } from "../runtime/cache/layer.ts";
import { createProgramContents, type ProgramContents } from "./program-contents.ts";
import type { CacheOptions } from "./troupe.ts";

const MAX_BYTES_DEFAULT = 2 * 1024 ** 3;
const SECRET_MIN_CHARS = 16;

type Environment = Readonly<Record<string, string | undefined>>;

export interface OpenCache {
  readonly store: CacheStore;
  readonly seal: CacheSeal;
}

export interface StepCacheOptions {
  /** State directory. */
  readonly directory: string;
  /** Where attempts keep their captured output. */
  readonly attempts: string;
  /** Argv of the interpreter of scripts. */
  readonly interpreter: readonly string[];
  readonly stepTypes: readonly StepType[];
  readonly options: CacheOptions;
  readonly env: Environment;
  readonly warn: (message: string) => void;
}

export interface StepCache extends AsyncDisposable {
  readonly layer: AttemptLayer;
  /** Opens it, and reads what most steps will ask for. */
  warm(): void;
}

/** @throws RequestError CACHE_LOCATION, CACHE_CLIENT_MISSING */
export async function openCache(
  stateDirectory: string,
  { store: location = "", maxBytes, secret }: CacheOptions,
  env: Environment,
): Promise<OpenCache> {
  const directory = join(stateDirectory, "cache");
  const given = secret ?? env.TROUPE_CACHE_SECRET ?? "";
  if (given !== "" && given.length < SECRET_MIN_CHARS)
    throw new RequestError("CONFIG_INVALID", { problem: `The secret of the step cache has fewer than ${SECRET_MIN_CHARS} characters.` });
  const seal = given === "" ? await openSeal(directory) : sealWith(given);
  const store = await openStore(directory, location, maxBytes ?? MAX_BYTES_DEFAULT, { env, seal });
  return { store, seal };
}

async function openStore(
  directory: string,
  location: string,
  maxBytes: number,
  { env, seal }: { readonly env: Environment; readonly seal: CacheSeal },
): Promise<CacheStore> {
  if (location.startsWith("redis://") || location.startsWith("rediss://"))
    return await (await import("../adapters/cache-redis/store.ts")).openRedisCache({ url: location });
  if (location.startsWith("s3+")) {
    const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_REGION: region = "auto" } = env;
    if (!accessKeyId || !secretAccessKey) throw located(location, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set");
    const { openS3Cache } = await import("../adapters/cache-s3/store.ts");
    return await openS3Cache({ endpoint: location.slice("s3+".length), region, accessKeyId, secretAccessKey });
  }
  if (/^[a-z0-9+]+:/.test(location)) throw located(location, "it is none of redis://, rediss://, s3+https://, s3+http:// and a directory");
  return createFileCache({
    directory: location === "" ? directory : resolve(location),
    maxBytes,
    referenced(name, text) {
      const entry = parseEntry(name, text, seal);
      return entry === null ? [] : contentsOf(name, entry);
    },
  });
}

/** A password in a location is told to nobody (S-38). */
function located(location: string, problem: string): RequestError {
  return new RequestError("CACHE_LOCATION", { location: location.replace(/\/\/[^@/]*@/, "//***@"), problem });
}

/** Opened by the first step that has a cache. */
export function createStepCache({ directory, attempts, interpreter, stepTypes, options, env, warn }: StepCacheOptions): StepCache {
  const digests = createFileDigests();
  const machine: Machine = {
    programs: createProgramContents(digests, env.PATH),
    interpreter,
    stepTypes: new Map(stepTypes.map((type) => [type.declaration.type, type])),
  };
  let opening: Promise<OpenCache> | null = null;
  const opened = (): Promise<OpenCache> => {
    opening ??= openCache(directory, options, env).catch((thrown: unknown) => {
      opening = null;
      throw thrown;
    });
    return opening;
  };
  const layer = createCacheLayer({
    store: async () => (await opened()).store,
    seal: async () => (await opened()).seal,
    tree: createWorkspaceTree(digests),
    captures: createCaptures(attempts),
    identify: (context) => identifyTool(context, machine),
    digest: digestContent,
    environment: (name) => env[name],
    clock: createSystemClock(),
    chance: Math.random,
    warn,
    ...(options.zone !== undefined && { zone: options.zone }),
    ...(options.verify !== undefined && { verify: options.verify }),
  });
  return {
    layer,
    warm() {
      opened().catch(() => {}); // The first step will say so.
      void machine.programs.ofProgram(interpreter[0] ?? "", directory);
    },
    async [Symbol.asyncDispose]() {
      const open = await opening?.catch(() => null);
      await open?.store[Symbol.asyncDispose]();
    },
  };
}

export function digestContent(content: string | Uint8Array): Digest {
  return hash("sha256", content) as Digest;
}

interface Machine {
  readonly programs: ProgramContents;
  readonly interpreter: readonly string[];
  readonly stepTypes: ReadonlyMap<string, StepType>;
}

/** What runs the step: the program or interpreter of a shell step, the module of a function, the tools that may be asked. */
async function identifyTool(context: AttemptContext, { programs, interpreter, stepTypes }: Machine): Promise<JsonObject> {
  const { step, workflow, workspace } = context.request;
  const tools = await stepTypes.get(step.type)?.identify?.(context);
  if (tools !== undefined) {
    const told = tools.map(async ({ name, program, version }) => {
      const content = program === null ? null : await programs.ofProgram(program, workspace);
      return [name, { version, content }] as const;
    });
    return Object.fromEntries(await Promise.all(told));
  }
  if (step.type === "shell") {
    const args = context.value("args");
    const shell = context.value("shell") ?? interpreter.join(" ");
    const words = Array.isArray(args) ? args : typeof shell === "string" ? shell.trim().split(/\s+/) : shell;
    const program = Array.isArray(words) ? String(words[0] ?? "") : "";
    return { program, content: await programs.ofProgram(program, workspace) };
  }
  const call = step.type === "function" ? context.value("call") : undefined;
  if (typeof call !== "string" || !call.includes("#")) return {};
  const [module = ""] = call.split("#");
  return { module, content: await programs.ofFile(resolve(dirname(workflow.file), module)) };
}
