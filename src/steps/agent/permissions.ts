/** What an agent may do, as its step says it: `allow: [read, edit, network, bash, bash(npm test)]`. Never more by default (S-11). */

export interface Permissions {
  readonly edit: boolean;
  readonly network: boolean;
  /** Commands that it may run; a `*` at the end stands for any arguments. */
  readonly bash: "any" | readonly string[];
}

/** Without a word of the author's: it reads and edits the workspace, runs nothing and calls nobody. */
export const PERMISSIONS_DEFAULT: Permissions = { edit: true, network: false, bash: [] };

/** Commas, brackets and line breaks would end the rule in which a CLI is told the command. */
const COMMAND = /^bash\(([^(),\r\n]*[^(),\r\n\s*][^(),\r\n]*)\)$/;
const WORDS = ["read", "edit", "network", "bash"] as const;

export type ParsedPermissions =
  | { readonly ok: true; readonly permissions: Permissions }
  | { readonly ok: false; readonly index: number; readonly problem: string };

export function parsePermissions(allow: readonly string[]): ParsedPermissions {
  const commands: string[] = [];
  for (const [index, entry] of allow.entries()) {
    const command = COMMAND.exec(entry)?.[1]?.trim();
    if (command !== undefined) commands.push(command);
    else if (!WORDS.some((word) => word === entry)) return { ok: false, index, problem: `\`${entry}\` is no permission.` };
  }
  const permissions: Permissions = {
    edit: allow.includes("edit"),
    network: allow.includes("network"),
    bash: allow.includes("bash") ? "any" : commands,
  };
  return { ok: true, permissions };
}

/** For a turn that is only about words: nothing that was done may be done again. */
export const READ_ONLY: Permissions = { edit: false, network: false, bash: [] };
