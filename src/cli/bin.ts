#!/usr/bin/env node
/** The `troupe` command. What this file imports is all that an old Node has to understand. */
import nodeModule from "node:module";
import { compileCacheDirectory } from "./compile-cache.ts";
import { NODE_MIN, nodeProblem } from "./node-version.ts";

const problem = nodeProblem(process.versions.node, NODE_MIN);
if (problem === null) {
  const cache = compileCacheDirectory(process.env);
  if (cache !== null) nodeModule.enableCompileCache(cache);
  const { start } = await import("./start.ts");
  await start(process);
} else {
  process.stderr.write(`troupe: ${problem}\n`);
  process.exitCode = 2;
}
