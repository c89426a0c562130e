import { readFileSync } from "node:fs";
export { readFile } from "fs/promises";
export * from "xstate";
export type Lazy = import("piscina").Piscina;
export const all = [readFileSync, import("ajv"), process.getBuiltinModule("os"), require("yaml")];
