/** Writes `docs/errors.md` from the error catalogue. */
import { type CatalogueEntry, catalogue, type ErrorKind } from "../src/core/catalogue.ts";
import { emitFile } from "./generated-file.ts";

const KINDS: Readonly<Record<ErrorKind, readonly [title: string, meaning: string]>> = {
  definition: ["The workflow's author acts", "The definition is wrong. The message names file, line and column."],
  request: ["The caller acts", "The request does not fit what Troupe holds, or asks for something that is not there."],
  transient: ["Troupe tries again later", "Nothing is lost. The reply says when to come back."],
  fenced: ["Nobody acts", "This engine lost its store, or may no longer trust it. It stops; the next start reads everything anew."],
  invariant: ["We act", "A bug in Troupe. It stops and keeps the evidence."],
};

const lines = [
  "# Errors",
  "",
  "<!-- Generated from src/core/catalogue.ts by `npm run generate`. -->",
  "",
  "Every error has a code, and its kind says who acts next. `{name}` stands for a value of the case at hand.",
  "`exit` is the exit code of the `troupe` command, `HTTP` the status of the API's reply.",
];
for (const [kind, [title, meaning]] of Object.entries(KINDS)) {
  const entries = Object.entries<CatalogueEntry>(catalogue).filter(([, entry]) => entry.kind === kind);
  lines.push("", `## ${title}`, "", meaning);
  for (const [code, { exit, status, message, fix }] of entries.sort(([left], [right]) => (left < right ? -1 : 1))) {
    lines.push("", `### ${code}`, "", `exit ${exit}, HTTP ${status}`, "", `> ${escapeMarkup(message)}`);
    if (fix !== undefined) lines.push("", escapeMarkup(fix));
  }
}
emitFile("docs/errors.md", `${lines.join("\n")}\n`);

/** Keeps Markdown from reading angle brackets as markup. Code spans keep theirs. */
function escapeMarkup(text: string): string {
  return text.replace(/`[^`]*`|</g, (match) => (match === "<" ? "&lt;" : match));
}
