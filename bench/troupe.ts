/** Troupe as its users have it: built. Type stripping costs start-up, and a larger heap makes every `fork` dearer. */
import { existsSync } from "node:fs";
import type * as Library from "../src/main/index.ts";

const built = new URL("../dist/src/main/index.js", import.meta.url);
if (!existsSync(built)) throw new Error("error: dist/ is missing: run `npm run build`, or `npm run bench`, which does");

const library: typeof Library = await import(built.href);
export const { compile, createTroupe, evaluate, plan, render } = library;

export type { CompiledWorkflow, FunctionContext, Troupe } from "../src/main/index.ts";
