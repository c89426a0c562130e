import { answerRuns } from "../answer-runs.ts";
import { defineCommand } from "../command.ts";
import { parseJson, readDocument, usage } from "../input.ts";
import { common, text } from "../option.ts";

export const callbackCommand = defineCommand({
  description:
    "Answers a webhook step that waits to be called back, in the place of whoever was given the address: the token is its last part, behind /callbacks/.",
  arguments: [{ name: "<token>", description: "the token, or the whole address" }],
  options: {
    data: { flags: "--data <json>", description: "becomes `callback` of the step's output", parse: text },
    file: { flags: "--file <file>", description: "the same from a JSON or YAML file; - is stdin", parse: text },
    ...common,
  },
  examples: [{ line: `troupe callback "$TOKEN" --data '{"state":"done"}'`, meaning: "what the service would have sent" }],
  async run({ context, options, words: [given = ""] }) {
    const { data, file } = options;
    if (data !== undefined && file !== undefined) throw usage("`troupe callback` takes --data or --file, not both.");
    const value =
      file !== undefined
        ? await readDocument(file, context.terminal.stdin)
        : data === undefined
          ? null
          : parseJson(data, "The text of --data");
    return answerRuns(context, options, async (project, driver) => {
      const { answerCallback } = await import("../../main/answer-callback.ts");
      return [await answerCallback(project, driver, given.replace(/^.*\/callbacks\//, ""), value)];
    });
  },
});
