/** What the language defines and this version does not have. Said plainly, so that nobody searches for a spelling mistake. */
export const notYetKeys: Readonly<Record<"document" | "step", readonly string[]>> = {
  document: ["budget", "importance"],
  step: ["importance"],
};
