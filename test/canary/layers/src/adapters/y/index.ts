import { test } from "vitest";
import { x } from "../x/index.ts";
const extension = "ts";
export const all = [test, x, new URL(`./y.worker.${extension}`, import.meta.url), new URL("../x/index.ts", import.meta.url)];
