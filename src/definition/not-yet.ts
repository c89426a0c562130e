/** What the language defines and this version does not have. Said plainly, so that nobody searches for a spelling mistake. */
export const notYetKeys: Readonly<Record<"document" | "step" | "types", readonly string[]>> = {
  document: ["profile", "budget", "on", "risk", "finally", "include", "secrets"],
  step: [
    "cache",
    "tool",
    "importance",
    "for_each",
    "matrix",
    "key",
    "max_parallel",
    "on_item_error",
    "isolation",
    "gate",
    "catch",
    "compensate",
    "profile",
    "include",
  ],
  types: ["agent", "webhook", "approval", "wait", "workflow"],
};
