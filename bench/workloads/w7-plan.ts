/** W7: a definition of many steps, from its text to its plan. */
import { availableParallelism } from "node:os";
import { performance } from "node:perf_hooks";
import { answer, readParameters } from "../meter.ts";
import { compile, plan } from "../troupe.ts";
import { largeDocument, largeYaml } from "./large-definition.ts";

const { steps, needs, format } = readParameters<{ steps: number; needs: number; format: "yaml" | "document" }>();
const source = format === "yaml" ? largeYaml(steps, needs) : largeDocument(steps, needs);

// A small one first, so that the code is loaded and the schemas are compiled: that is start-up, which W6 measures.
compile(largeDocument(20, needs));
const begin = performance.now();
const workflow = compile(source);
const compiled = performance.now();
const { edges } = plan(workflow, { workers: availableParallelism() });
const planned = performance.now();
answer({ totalMs: planned - begin, compileMs: compiled - begin, planMs: planned - compiled, edges: edges.length });
