/** The limit of W7: the same text read by the yaml package alone, with positions, nothing checked and nothing compiled. */
import { performance } from "node:perf_hooks";
import { LineCounter, parseDocument } from "yaml";
import { answer, readParameters } from "../meter.ts";
import { largeYaml } from "../workloads/large-definition.ts";

const { steps, needs } = readParameters<{ steps: number; needs: number }>();
const source = largeYaml(steps, needs);
parseDocument(largeYaml(20, needs), { lineCounter: new LineCounter() }).toJS();
const begin = performance.now();
parseDocument(source, { lineCounter: new LineCounter() }).toJS();
answer({ totalMs: performance.now() - begin });
