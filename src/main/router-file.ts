/** Finds and reads the `router.yaml` of a project. It is data: nothing in it is run before a step asks for a tool (S-46). */
import { existsSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { parseRouter } from "../definition/router.ts";
import { BUILTIN_ROUTER } from "../plan/builtin-tools.ts";
import type { Router, ToolDeclaration } from "../plan/tool.ts";
import { readText } from "./load-workflow.ts";

const ROUTER_FILE = "router.yaml";

/**
 * The router for any path of a project: the one named, or the next one upwards, no further than the repository; outside of one, only
 * beside it. Read again when the file has changed.
 *
 * @throws DefinitionErrors; RequestError FILE_UNREADABLE
 */
export function createRouterFiles(named: string | undefined): (from: string) => Router {
  const read = new Map<string, { readonly stamp: string; readonly router: Router }>();
  return (from) => {
    const file = named === undefined ? findRouter(from) : resolve(named);
    if (file === null) return BUILTIN_ROUTER;
    const stamp = stampOf(file);
    const known = read.get(file);
    if (known !== undefined && known.stamp === stamp) return known.router;
    const router = withPrograms(parseRouter(readText(file), file), dirname(file));
    read.set(file, { stamp, router });
    return router;
  };
}

function findRouter(from: string): string | null {
  const start = isDirectory(from) ? resolve(from) : dirname(resolve(from));
  const above: string[] = [];
  for (let directory = start; ; directory = dirname(directory)) {
    above.push(directory);
    if (existsSync(join(directory, ".git"))) break;
    if (dirname(directory) === directory) {
      above.length = 1;
      break;
    }
  }
  return above.map((directory) => join(directory, ROUTER_FILE)).find((file) => existsSync(file)) ?? null;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** A file that cannot be looked at is read, and the reading says why not. */
function stampOf(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found === undefined ? "" : `${found.mtimeNs} ${found.size} ${found.ino}`;
}

/** A program with a slash lies beside the file that names it. */
function withPrograms(router: Router, directory: string): Router {
  const located = (tool: ToolDeclaration): ToolDeclaration => {
    const [program, ...rest] = tool.command;
    return program.includes("/") ? { ...tool, command: [resolve(directory, program), ...rest] } : tool;
  };
  return { ...router, tools: router.tools.map(located) };
}
