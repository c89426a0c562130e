import { absent } from "./absent.ts";
import { stray } from "../stray/stray.ts";
const name = "./ok.ts";
export const all = [absent, stray, import(name), new URL(name, import.meta.url), new URL("./gone.worker.ts", import.meta.url)];
