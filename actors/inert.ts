/** Guards the one rule of our statecharts: an action is a named intent that the kernel collects; nobody runs it. */
import { InvariantError } from "../src/core/errors.ts";

/** Body of every effect action. Reached only if someone starts an actor live instead of asking the kernel. */
export function inert(name: string): never {
  throw new InvariantError("INV_EFFECT_EXECUTED", { name });
}
