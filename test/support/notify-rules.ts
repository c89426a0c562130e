/** Rules from the text of a configuration, as those of a user: tests name what variables they like. */
import { parseNotify } from "../../src/definition/notify.ts";
import { readSource } from "../../src/definition/read-source.ts";
import { entryOf } from "../../src/definition/source-node.ts";
import { SourceText } from "../../src/definition/source-text.ts";
import type { NotifyRule } from "../../src/plan/notify-rule.ts";

/** @param text the items of `notify`, each line as it stands behind two blanks */
export function rulesOf(...items: readonly string[]): readonly NotifyRule[] {
  if (items.length === 0) return [];
  const source = new SourceText(
    `notify:\n${items.map((item) => `  - ${item.split("\n").join("\n    ")}\n`).join("")}`,
    "troupe.config.yaml",
  );
  const entry = entryOf(readSource(source), "notify");
  return entry === undefined ? [] : parseNotify(entry, source, "user");
}
