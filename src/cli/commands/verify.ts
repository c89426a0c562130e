import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { RequestError } from "../../core/errors.ts";
import { unreadable } from "../../core/file-error.ts";
import type { RunId } from "../../core/ids.ts";
import { isJsonObject } from "../../core/json.ts";
import type { FoldCheck } from "../../main/maintenance.ts";
import type { ChainReport, StoreHeads } from "../../ports/store.ts";
import { defineCommand } from "../command.ts";
import { EXIT } from "../exit-code.ts";
import { parseJson } from "../input.ts";
import { openMaintenanceFor } from "../open-maintenance.ts";
import { common, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { plural } from "../render/text.ts";

export const verifyCommand = defineCommand({
  description:
    "Proves that the journal is whole: recomputes every hash chain, and lets the pure kernel compute each run again from its entries. With --head, heads of the chains are kept in a file the first time, and compared with it from then on: only so can a journal that was cut off at its end be told.",
  arguments: [{ name: "[run]", description: "compute only this run again; the hash chains are always all checked" }],
  options: {
    head: { flags: "--head <file>", description: "compare with the heads in this file; write it when it does not exist", parse: text },
    ...common,
  },
  examples: [
    { line: "troupe verify", meaning: "all runs" },
    { line: "troupe verify --head /media/safe/heads.json", meaning: "keep the heads outside, and compare with them later" },
  ],
  async run({ context, options, words: [name] }) {
    const { terminal } = context;
    await using opened = await openMaintenanceFor(context, options);
    const { maintenance, settings } = opened;
    const { head } = options;
    const kept = head !== undefined && existsSync(head) ? readHeads(head) : undefined;
    const chains = maintenance.store.verify(kept);
    const ids = name === undefined ? [...maintenance.runIds()] : [maintenance.runId(name)];
    const folds = ids.map((runId: RunId) => maintenance.refold(runId));
    const broken = folds.filter(({ problem }) => problem !== null);
    const ok = chains.breaks.length === 0 && broken.length === 0;
    if (head !== undefined && kept === undefined && ok)
      writeFileSync(head, `${JSON.stringify(maintenance.store.heads(), null, 2)}\n`, { flag: "wx" });
    const { output } = settings.values;
    if (output !== "text") printJson(terminal, { ok, chains, folds }, output);
    else printLines(terminal, report({ chains, folds, broken, head, isCompared: kept !== undefined, ok }));
    return ok ? EXIT.succeeded : EXIT.storeUnusable;
  },
});

interface Report {
  readonly chains: ChainReport;
  readonly folds: readonly FoldCheck[];
  readonly broken: readonly FoldCheck[];
  readonly head: string | undefined;
  readonly isCompared: boolean;
  readonly ok: boolean;
}

function report({ chains, folds, broken, head, isCompared, ok }: Report): readonly string[] {
  return [
    `hash chains   ${chains.breaks.length === 0 ? "whole" : plural(chains.breaks.length, "break")}: ${plural(chains.entries, "entry", "entries")} of ${plural(chains.runs, "run")}`,
    ...chains.breaks.map(({ runId, seq, problem }) => `  ${runId ?? "audit log"}, entry ${seq}: ${problem}`),
    `recomputed    ${broken.length === 0 ? "every state follows from its entries" : `${broken.length} of ${folds.length} runs do not follow`}: ${plural(folds.length, "run")}`,
    ...broken.map(({ runId, problem }) => `  ${runId}: ${problem}`),
    ...(head === undefined
      ? []
      : [isCompared ? `heads         compared with ${head}` : ok ? `heads         written to ${head}` : "heads         not written"]),
    ok ? "The journal is whole." : "The journal was changed, or a version of Troupe has a bug. Compare with a backup.",
  ];
}

function readHeads(file: string): StoreHeads {
  let content: string;
  try {
    content = readFileSync(file, "utf8");
  } catch (thrown) {
    throw unreadable(file, thrown);
  }
  const heads = parseJson(content, `\`${file}\``);
  if (!isJsonObject(heads) || !Array.isArray(heads.runs) || !isJsonObject(heads.audit))
    throw new RequestError("FILE_UNREADABLE", { file, problem: "it holds no heads of chains" });
  return heads as unknown as StoreHeads; // Its members are compared one by one, and a wrong one is a break.
}
