/**
 * Options by which a coding CLI gives up asking, or its sandbox. They are refused wherever an author could write them (S-11): who wants
 * an agent to do more says so in `allow`, where everybody sees it.
 */
import type { AgentAdapter } from "./adapter.ts";

const DANGEROUS: readonly RegExp[] = [
  /dangerous/i,
  /danger-full-access/i,
  /bypass-?_?permissions/i,
  /bypass-?_?approvals/i,
  /skip-?_?permissions/i,
  /skip-?_?trust/i,
  /^--?yolo/i,
  /^--full-?auto/i,
  /^--yes-always-/i,
  /^-{1,2}approval-?mode=(yolo|auto)$/i,
  /^-{1,2}permission-?mode=auto$/i,
];
/** Dangerous as the value of the option before it. */
const DANGEROUS_VALUES: Readonly<Record<string, RegExp>> = {
  "--approval-mode": /^(yolo|auto)$/i,
  "--approvalMode": /^(yolo|auto)$/i,
  "--permission-mode": /^auto$/i,
};

/** Position of the first argument that gives up a protection; -1 when none does. */
export function findDangerous(args: readonly string[]): number {
  return args.findIndex((arg, index) => {
    const before = args[index - 1] ?? "";
    const values = Object.hasOwn(DANGEROUS_VALUES, before) ? DANGEROUS_VALUES[before] : undefined;
    return DANGEROUS.some((pattern) => pattern.test(arg)) || values?.test(arg) === true;
  });
}

export type ArgsProblem = { readonly index: number; readonly problem: string };

/** Options are admitted by their full name only: CLIs that understand abbreviations would make holes into any other list. */
export function checkArgs(args: readonly string[], { extraOptions }: Pick<AgentAdapter, "extraOptions">): ArgsProblem | null {
  const danger = findDangerous(args);
  if (danger !== -1) return { index: danger, problem: `\`${args[danger]}\` gives up a protection.` };
  for (const [index, arg] of args.entries()) {
    const name = arg.split("=", 1)[0] ?? "";
    if (arg.startsWith("-") && !extraOptions.includes(name))
      return { index, problem: `\`${name}\` is none of the options that may be added.` };
    if (!arg.startsWith("-") && !(args[index - 1]?.startsWith("-") && !args[index - 1]?.includes("=")))
      return { index, problem: `\`${arg}\` belongs to no option.` };
  }
  return null;
}
