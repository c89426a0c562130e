import { resolve } from "node:path";
import { defineCommand } from "../command.ts";
import { openProjectFor, settingsFor } from "../context.ts";
import { EXIT } from "../exit-code.ts";
import { usage } from "../input.ts";
import { common, formatBytes, text } from "../option.ts";
import { printJson, printLines } from "../print.ts";
import { plural } from "../render/text.ts";

export const exportCommand = defineCommand({
  description:
    "Writes all that is known of a run into a folder that needs nothing else: a report that opens in a browser without a server, the definition, the journal with its hash chain, attempts with what was asked of them, logs, trace, figures, costs and decisions. Secrets are masked in it as they are everywhere. A run that has not ended is exported as it is. With --check, proves that such a folder is as it was written.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest (default)" }],
  options: {
    to: { flags: "--to <dir>", description: "the folder (default: troupe-export-<run>)", parse: text },
    force: { flags: "--force", description: "replace the folder if it exists" },
    withChildren: { flags: "--with-children", description: "also export the runs that its steps started, below children/" },
    check: { flags: "--check <dir>", description: "check an export instead: digests, hash chain, states", parse: text },
    ...common,
  },
  examples: [
    { line: "troupe export @latest --to report", meaning: "then open report/report.html" },
    { line: "troupe export --check report", meaning: "is it what was exported?" },
  ],
  async run({ context, options, words: [name] }) {
    const { terminal, cwd, version } = context;
    if (options.check !== undefined) {
      if (name !== undefined || options.to !== undefined)
        throw usage("--check looks at an export, so it goes with neither a run nor --to.");
      const { output } = (await settingsFor(context, options)).values;
      const { checkExport } = await import("../../main/export/check-export.ts");
      const check = checkExport(resolve(cwd, options.check));
      const { run, state, files, entries, head, problems } = check;
      const ok = problems.length === 0;
      if (output !== "text") printJson(terminal, { ok, ...check }, output);
      else
        printLines(terminal, [
          `${run} ${state}: ${plural(files, "file")}, ${plural(entries, "entry", "entries")}, head ${head}`,
          ...problems.map((problem) => `  ${problem}`),
          ok ? "The export is whole." : "The export was changed.",
        ]);
      return ok ? EXIT.succeeded : EXIT.runFailed;
    }
    await using opened = await openProjectFor(context, options, "existing");
    const { project, output } = opened;
    const runId = project.runId(name ?? "@latest");
    const { exportRun } = await import("../../main/export/export-run.ts");
    const target = resolve(cwd, options.to ?? `troupe-export-${runId}`);
    const exported = exportRun(project, runId, { target, version, replaces: options.force, withChildren: options.withChildren });
    if (output !== "text") printJson(terminal, exported, output);
    else
      printLines(terminal, [
        exported.directory,
        `${exported.state}, ${plural(exported.files, "file")}, ${formatBytes(exported.bytes)}, head ${exported.head}`,
      ]);
    return EXIT.succeeded;
  },
});
