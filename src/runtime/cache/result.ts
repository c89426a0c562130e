/** From a result to an entry and back. */
import type { Digest } from "../../core/ids.ts";
import { canonicalJson, type Json, type JsonObject } from "../../core/json.ts";
import type { CachePolicy } from "../../plan/step-policies.ts";
import type { AttemptContext, Execution } from "../../ports/attempt.ts";
import type { CacheContent, CacheStore, Captures, DeclaredFile, WorkspaceTree } from "../../ports/cache.ts";
import { bytesOf, contentOf } from "../../ports/cache-content.ts";
import type { CacheEntry, KeptStream } from "./entry.ts";
import { contentHoldsSecret, holdsSecret } from "./secret-search.ts";

/** Larger outputs lie beside the entry, so that looking one up stays fast. */
const OUTPUT_INLINE_MAX_CHARS = 64 * 1024;

export interface ResultTools {
  readonly store: CacheStore;
  readonly tree: WorkspaceTree;
  readonly captures: Captures;
  readonly digest: (content: string | Uint8Array) => Digest;
}

type Success = Extract<Execution, { kind: "succeeded" }>;

/** Ready to be kept; null members were not there. */
export interface Gathered {
  readonly text: string;
  readonly files: readonly DeclaredFile[];
  readonly streams: Readonly<Record<"stdout" | "stderr", { readonly kept: KeptStream; readonly content: CacheContent } | null>>;
}

export type Gathering = { readonly ok: true; readonly gathered: Gathered } | { readonly ok: false; readonly reason: string };

/** Looks at what a success left behind, and whether it may be kept at all. */
export async function gatherResult(context: AttemptContext, policy: CachePolicy, result: Success, tools: ResultTools): Promise<Gathering> {
  const text = canonicalJson(result.output);
  if (holdsSecret(text, context.masks)) return refuse("its output holds a secret");
  const produced = await tools.tree.list(context.request.workspace, policy.produces);
  if (!produced.ok) return refuse(produced.problem);
  const [missing] = produced.unmatched;
  if (missing !== undefined) return refuse(`it made no file that fits \`${missing}\``);
  const { contentMaxBytes } = tools.store;
  const large = produced.files.find(({ bytes }) => bytes > contentMaxBytes);
  if (large !== undefined) return refuse(`\`${large.path}\` has ${large.bytes} bytes; the store takes ${contentMaxBytes}`);
  if (text.length > contentMaxBytes) return refuse(`its output has more than ${contentMaxBytes} bytes`);
  for (const file of produced.files) {
    if (await contentHoldsSecret(tools.tree.content(context.request.workspace, file), context.masks))
      return refuse(`\`${file.path}\` holds a secret`);
  }
  const logs = result.usage?.logs;
  const captured = tools.captures.read(logs);
  const streams = {
    stdout: await keepStream(captured.stdout, logs?.stdout, tools),
    stderr: await keepStream(captured.stderr, logs?.stderr, tools),
  };
  return { ok: true, gathered: { text, files: produced.files, streams } };
}

/** Content first: an entry that is seen is whole. */
export async function keepResult(
  workspace: string,
  { text, files, streams }: Gathered,
  expiresAt: number | null,
  { store, tree, digest }: ResultTools,
): Promise<Pick<CacheEntry, "output" | "files" | "stdout" | "stderr">> {
  for (const file of files) await store.putContent(file.sha256, tree.content(workspace, file), expiresAt);
  for (const stream of Object.values(streams)) {
    if (stream !== null) await store.putContent(stream.kept.content, stream.content, expiresAt);
  }
  const isInline = text.length <= OUTPUT_INLINE_MAX_CHARS;
  const bytes = new TextEncoder().encode(text);
  const content = digest(text);
  if (!isInline) await store.putContent(content, contentOf(bytes), expiresAt);
  return {
    output: isInline ? { kind: "value", value: JSON.parse(text) as Json } : { kind: "content", content, bytes: bytes.length }, // Canonical text is JSON.
    files,
    stdout: streams.stdout?.kept ?? null,
    stderr: streams.stderr?.kept ?? null,
  };
}

export type Returned =
  | { readonly ok: true; readonly output: Json; readonly logs: JsonObject | null }
  /** `isDamaged`: nobody will ever get anything from this entry. */
  | { readonly ok: false; readonly isDamaged: boolean; readonly reason: string };

/** Gives output, files and log back as the run that made them left them. */
export async function returnResult(context: AttemptContext, entry: CacheEntry, tools: ResultTools): Promise<Returned> {
  const { request } = context;
  const output = await readOutput(entry, tools);
  if (output === undefined) return { ok: false, isDamaged: true, reason: "damaged: its output is missing or was changed" };
  const restored = await tools.tree.restore(request.workspace, entry.files, (digest) => tools.store.content(digest));
  if (!restored.ok) {
    const isDamaged = restored.because === "content";
    return { ok: false, isDamaged, reason: isDamaged ? `damaged: ${restored.problem}` : restored.problem };
  }
  return { ok: true, output, logs: await replay(context, entry, tools) };
}

async function readOutput({ output }: CacheEntry, { store, digest }: ResultTools): Promise<Json | undefined> {
  if (output.kind === "value") return output.value;
  const content = await store.content(output.content);
  if (content === null) return undefined;
  const bytes = await bytesOf(content);
  return digest(bytes) === output.content ? (JSON.parse(new TextDecoder().decode(bytes)) as Json) : undefined; // Its digest says that it is our own text.
}

async function replay({ request }: AttemptContext, { stdout, stderr }: CacheEntry, tools: ResultTools): Promise<JsonObject | null> {
  if (stdout === null && stderr === null) return null;
  const read = (stream: KeptStream | null): Promise<CacheContent | null> =>
    stream === null ? Promise.resolve(null) : tools.store.content(stream.content);
  const directory = await tools.captures.replay(request, { stdout: await read(stdout), stderr: await read(stderr) });
  if (directory === null) return null;
  return { directory, replayed: true, stdout: stdout?.told ?? null, stderr: stderr?.told ?? null };
}

async function keepStream(
  content: CacheContent | null,
  told: Json | undefined,
  { digest, store }: ResultTools,
): Promise<{ readonly kept: KeptStream; readonly content: CacheContent } | null> {
  if (content === null || content.bytes === 0 || content.bytes > store.contentMaxBytes) return null;
  const bytes = await bytesOf(content);
  return { kept: { content: digest(bytes), bytes: bytes.length, told: told ?? null }, content: contentOf(bytes) };
}

function refuse(reason: string): Gathering {
  return { ok: false, reason };
}
