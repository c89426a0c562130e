/**
 * Conditions as the model sees them. What became of a step is known there; everything else (inputs, outputs, context) is not, so each
 * comparison of it is an atom that may be true or false, but stays what it was for as long as the run goes: it is about values that do not change.
 */
import type { CompareNode, Expression } from "../../../grammar/ast.ts";
import { printExpression } from "../../../grammar/print.ts";
import type { Atoms, Ended, World } from "./world.ts";

/** More atoms at once are looked at as one: fewer findings, but no more than 64 branches for a condition. */
const ATOMS_MAX = 6;

/** Every assignment of the atoms of a condition that agrees with what is known. */
export function atomsOf(expression: Expression, { steps, ended, atoms }: World): Atoms[] {
  const names = new Set<string>();
  collect(expression, { steps, ended, atoms }, names);
  const open = names.size > ATOMS_MAX ? [printExpression(expression)] : [...names];
  let found: Map<string, boolean>[] = [new Map(atoms)];
  for (const name of open.filter((one) => !atoms.has(one)))
    found = found.flatMap((known) => [true, false].map((value) => new Map(known).set(name, value)));
  return found;
}

/** Names of the atoms that later conditions may ask for. */
export function atomNames(expression: Expression): string[] {
  const names = new Set<string>([printExpression(expression)]);
  collect(expression, null, names);
  return [...names];
}

function collect(node: Expression, world: World | null, names: Set<string>): void {
  const parts = partsOf(node);
  if (parts !== null) for (const part of parts) collect(part, world, names);
  else if (known(node, world) === null) names.add(printExpression(node));
}

export function holds(node: Expression, world: World): boolean {
  const whole = world.atoms.get(printExpression(node));
  if (whole !== undefined) return whole;
  switch (node.kind) {
    case "logic":
      return node.operator === "and" ? node.operands.every((one) => holds(one, world)) : node.operands.some((one) => holds(one, world));
    case "not":
      return !holds(node.operand, world);
    default:
      return known(node, world) ?? false; // every atom has been given a value
  }
}

function partsOf(node: Expression): readonly Expression[] | null {
  if (node.kind === "logic") return node.operands;
  return node.kind === "not" ? [node.operand] : null;
}

/** What needs no guess: a literal, and how a step has ended. */
function known(node: Expression, world: World | null): boolean | null {
  if (node.kind === "literal") return node.value === true;
  if (node.kind !== "compare" || (node.operator !== "==" && node.operator !== "!=") || world === null) return null;
  const status = statusIn(node, world);
  return status === null ? null : status.is === (node.operator === "==");
}

/** `steps.build.status == "failed"` */
function statusIn({ left, right }: CompareNode, { steps, ended }: World): { readonly is: boolean } | null {
  const [path, literal] = left.kind === "path" ? [left, right] : [right, left];
  if (path.kind !== "path" || literal.kind !== "literal" || path.root !== "steps") return null;
  const [id, part, ...rest] = path.keys;
  // What else a status may be (`quarantined`) is none of the endings here.
  if (part !== "status" || rest.length > 0 || !["succeeded", "failed", "skipped"].includes(String(literal.value))) return null;
  const step = steps.find((one) => one.id === id);
  const end: Ended | undefined = step && ended.get(step.index);
  return end === undefined ? null : { is: end.as === literal.value };
}
