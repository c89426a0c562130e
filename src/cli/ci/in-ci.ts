/**
 * Runs a command as part of a CI job when `--ci` asks for it: its errors become remarks as well, and the log is left as it was. With or
 * without, the file for its report is looked at before anything is started.
 */
import { type DefinitionErrors, isTroupeError, toError } from "../../core/errors.ts";
import { type Context, type SettingOptions, settingsFor } from "../context.ts";
import { text } from "../option.ts";
import type { OptionSpecs } from "../option-spec.ts";
import type { CiJob } from "./ci-job-shape.ts";
import { checkJUnitFile } from "./junit-file.ts";

export const ciOption = {
  ci: {
    flags: "--ci",
    description: "write for the log of a CI job (GitHub Actions and GitLab are known by their environment), and never ask anybody",
  },
} as const satisfies OptionSpecs;

export const ciOptions = {
  ...ciOption,
  junit: { flags: "--junit <file>", description: "also write the steps as JUnit XML, a test case each", parse: text },
} as const satisfies OptionSpecs;

export async function inCi(
  context: Context,
  options: SettingOptions & { readonly ci: boolean; readonly junit?: string | undefined },
  command: (context: Context) => Promise<number>,
): Promise<number> {
  const use = async (inside: Context): Promise<number> => {
    if (options.junit !== undefined) checkJUnitFile(inside, options.junit);
    return await command(inside);
  };
  if (!options.ci) return await use(context);
  const [{ createCiJob }, { reportError }] = await Promise.all([import("./ci-job.ts"), import("../report-error.ts")]);
  // What is wrong with the settings is told by whoever needs them.
  const output = await settingsFor(context, options).then(
    ({ values }) => values.output,
    () => options.output,
  );
  const job = createCiJob(context, output === "json" || output === "jsonl");
  const inside: Context = { ...context, terminal: job.terminal, ci: job };
  try {
    return await use(inside);
  } catch (thrown) {
    for (const error of errorsOf(toError(thrown))) remarkError(job, error);
    return reportError(thrown, inside, output);
  } finally {
    job.end();
  }
}

/** As `reportError` lists them. */
function errorsOf(error: Error): readonly Error[] {
  return isTroupeError(error) && error.code === "DEF_INVALID" && "errors" in error
    ? (error as unknown as DefinitionErrors).errors
    : [error];
}

function remarkError(job: CiJob, error: Error): void {
  if (!isTroupeError(error)) {
    job.remark({ severity: "error", title: "troupe: BUG", message: error.message });
    return;
  }
  const { code, message, fix, place } = error;
  job.remark({ severity: "error", title: `troupe: ${code}`, message: fix === undefined ? message : `${message}\n${fix}` }, place);
}
