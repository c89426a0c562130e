/** The tool router of a process: its files, its programs, and what the store knows of past calls. */
import { createSystemClock } from "../adapters/clock-system/clock.ts";
import { createToolProber } from "../adapters/tools-process/prober.ts";
import type { Breakers } from "../ports/breaker.ts";
import type { ToolHistory, ToolProber, Tools } from "../ports/tools.ts";
import { createToolRouter } from "../runtime/tools/tool-router.ts";
import { readVersion } from "../runtime/tools/version.ts";
import { createRouterFiles } from "./router-file.ts";

export interface ToolsOptions {
  /** A file instead of the one that is found; undefined to look for it. */
  readonly router: string | undefined;
  readonly breakers: Breakers;
  readonly history: ToolHistory;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** PATH, HOME, LANG, TMPDIR as far as they are set. */
  readonly inherited: Readonly<Record<string, string>>;
}

export const NO_HISTORY: ToolHistory = { toolRecord: () => ({ calls: 0, successes: 0, p50Ms: null, costUsd: null }) };

export interface OpenTools {
  readonly tools: Tools;
  readonly prober: ToolProber;
  /** The file in force for a path; null where only the built-in tools are known. */
  fileOf(from: string): string | null;
}

export function openTools({ router, breakers, history, env, inherited }: ToolsOptions): OpenTools {
  const routerOf = createRouterFiles(router);
  const prober = createToolProber({ env, inherited, readVersion });
  const clock = createSystemClock();
  const tools = createToolRouter({ routerOf, prober, history, breakers, clock, here: process.cwd() });
  return { tools, prober, fileOf: (from) => routerOf(from).file };
}
