/**
 * The fixed surroundings of every git process (S-10). The configuration of a repository is its owner's, and its owner may be hostile:
 *
 * G1 Commands that read or write files or merge them never see it. They run in a view (`view.ts`), a git directory of ours that borrows
 *    the repository's objects, so that no filter, driver, hook or monitor is known there under any name.
 * G2 Commands for refs and worktrees have to run in the repository. They execute nothing but what is switched off here.
 */

/** Settings that stand above those of any file. */
const ALWAYS: readonly (readonly [string, string])[] = [
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.pager", "cat"],
  ["core.editor", "false"],
  ["core.askPass", ""],
  ["core.sshCommand", "false"],
  ["core.attributesFile", "/dev/null"],
  ["core.protectHFS", "true"],
  ["core.protectNTFS", "true"],
  // Objects and refs are on disk before anything is recorded that relies on them (I-43).
  ["core.fsync", "committed,reference"],
  ["core.fsyncMethod", "fsync"],
  ["protocol.allow", "never"],
  ["protocol.ext.allow", "never"],
  ["credential.helper", ""],
  ["submodule.recurse", "false"],
  ["diff.external", ""],
  ["diff.ignoreSubmodules", "all"],
  ["commit.gpgSign", "false"],
  ["tag.gpgSign", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
];

export const FIXED_ARGUMENTS: readonly string[] = [
  "--no-pager",
  "--literal-pathspecs",
  "--no-replace-objects",
  ...ALWAYS.flatMap(([name, value]) => ["-c", `${name}=${value}`]),
];

/** Who signs what Troupe commits. */
const IDENTITY = { name: "Troupe", email: "troupe@localhost" };

export function fixedEnvironment(path: string): Readonly<Record<string, string>> {
  return {
    PATH: path,
    HOME: "/nonexistent",
    XDG_CONFIG_HOME: "/nonexistent",
    LANG: "C",
    LC_ALL: "C",
    TZ: "UTC",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_SYSTEM: "/dev/null",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "false",
    SSH_ASKPASS: "false",
    GIT_SSH_COMMAND: "false",
    GIT_EDITOR: "false",
    GIT_SEQUENCE_EDITOR: "false",
    GIT_PAGER: "cat",
    // An allow-list with one name that no transport has: nothing is ever fetched, not even a missing object of a partial clone.
    GIT_ALLOW_PROTOCOL: "none",
    GIT_NO_LAZY_FETCH: "1",
    GIT_PROTOCOL_FROM_USER: "0",
    GIT_OPTIONAL_LOCKS: "0",
    GIT_LITERAL_PATHSPECS: "1",
    GIT_MERGE_AUTOEDIT: "no",
    GIT_AUTHOR_NAME: IDENTITY.name,
    GIT_AUTHOR_EMAIL: IDENTITY.email,
    GIT_COMMITTER_NAME: IDENTITY.name,
    GIT_COMMITTER_EMAIL: IDENTITY.email,
  };
}
