import { open } from "../src/main/index.ts";
import { hidden } from "../src/main/wiring.ts";
export const both = [open, hidden];
