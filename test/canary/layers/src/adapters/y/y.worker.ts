import type { all } from "./index.ts";
export type WorkerData = typeof all;
