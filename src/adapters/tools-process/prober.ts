/** Looks at the programs of tools: whether they are there, whether they are well, and which version they are. */
import { accessSync, constants, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { ToolDeclaration } from "../../plan/tool.ts";
import type { ToolProbe, ToolProber } from "../../ports/tools.ts";
import { type CheckEnd, runCheck } from "./run-check.ts";

export interface ProberOptions {
  /** Environment of the engine; tools get the inherited names of it, and those that they declare. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** PATH, HOME, LANG, TMPDIR as far as they are set (S-13). */
  readonly inherited: Readonly<Record<string, string>>;
  /** Finds the version in what a command printed. */
  readonly readVersion: (text: string, pattern: string | null) => string | null;
}

const VERSION_TIMEOUT_MS = 5_000;
/** The first lines of what a failed check printed. */
const DETAIL_CHARS_MAX = 200;

export function createToolProber({ env, inherited, readVersion }: ProberOptions): ToolProber {
  function environmentOf(tool: ToolDeclaration): Readonly<Record<string, string>> {
    const given = tool.env.flatMap((name): [string, string][] => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    });
    return { ...inherited, CI: "true", NO_COLOR: "1", ...Object.fromEntries(given) };
  }

  function locate({ command: [program] }: ToolDeclaration): string | null {
    if (program.includes("/")) return isAbsolute(program) && isProgram(program) ? program : null;
    for (const directory of (inherited.PATH ?? "").split(delimiter)) {
      const path = join(directory, program);
      if (isAbsolute(directory) && isProgram(path)) return path;
    }
    return null;
  }

  return {
    locate,
    async probe(tool): Promise<ToolProbe> {
      const program = locate(tool);
      if (program === null) return missing(tool);
      const check = (args: readonly string[], timeoutMs: number): Promise<CheckEnd> =>
        runCheck({ program, args: [...tool.command.slice(1), ...args], env: environmentOf(tool), cwd: tmpdir(), timeoutMs });
      const { health, version } = tool;
      const [healthEnd, versionEnd] = await Promise.all([
        health === null ? null : check(health.args, health.timeoutMs),
        version === null ? null : check(version.args, VERSION_TIMEOUT_MS),
      ]);
      const problem = healthEnd === null || health === null ? null : problemOf(healthEnd, health.timeoutMs);
      const isGone = healthEnd?.kind === "not_started" && healthEnd.problem === "ENOENT";
      return {
        status: isGone ? "missing" : problem === null ? "healthy" : "unhealthy",
        program,
        version: versionEnd?.kind === "exited" && versionEnd.code === 0 ? readVersion(versionEnd.text, version?.pattern ?? null) : null,
        detail: problem,
        checkedAt: Date.now(),
      };
    },
  };
}

function missing({ command: [program] }: ToolDeclaration): ToolProbe {
  const detail = program.includes("/") ? `there is no program ${program}` : `\`${program}\` is not on the PATH`;
  return { status: "missing", program: null, version: null, detail, checkedAt: Date.now() };
}

function problemOf(end: CheckEnd, timeoutMs: number): string | null {
  if (end.kind === "timed_out") return `its health check did not end within ${timeoutMs} ms`;
  if (end.kind === "not_started") return `its health check could not be started: ${end.problem}`;
  if (end.code === 0) return null;
  const how = end.signal === null ? `ended with ${end.code}` : `was ended by ${end.signal}`;
  const said = end.text.trim().split("\n").slice(-1)[0]?.slice(0, DETAIL_CHARS_MAX) ?? "";
  return said === "" ? `its health check ${how}` : `its health check ${how}: ${said}`;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
