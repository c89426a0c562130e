/** The built-in step types, for tests of layers that get them as an argument. */
import { declarationsOf } from "../../src/main/declarations.ts";

export const builtInStepTypes = declarationsOf([]);
