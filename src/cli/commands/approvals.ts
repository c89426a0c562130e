import { defineCommand } from "../command.ts";
import { hasState, openProjectFor, settingsFor } from "../context.ts";
import { common } from "../option.ts";
import { printLines, printList } from "../print.ts";
import { renderApproval, renderDecisions } from "../render/approval-text.ts";

export const approvalsCommand = defineCommand({
  description: "Shows what waits for a person's decision, with all that the decision is about.",
  arguments: [{ name: "[run]", description: "id, beginning of an id, or @latest; every run without it" }],
  options: common,
  examples: [
    { line: "troupe approvals", meaning: "all that waits" },
    { line: "troupe approvals @latest -o json", meaning: "for programs: request and digest" },
  ],
  async run({ context, options, words: [run] }) {
    const { terminal } = context;
    const { values } = await settingsFor(context, options);
    if (run === undefined && !hasState(values.state)) {
      if (values.output === "text") terminal.note("Nothing waits for a decision.\n");
      else printList(terminal, [], values.output);
      return 0;
    }
    await using opened = await openProjectFor(context, options, "existing");
    const { project } = opened;
    const { pendingApprovals } = await import("../../main/answer-approval.ts");
    const pending = pendingApprovals(project, run === undefined ? undefined : project.runId(run));
    if (values.output !== "text") printList(terminal, pending, values.output);
    else if (pending.length === 0) terminal.note("Nothing waits for a decision.\n");
    else {
      const look = terminal.dataLook;
      const lines = pending.flatMap((one) => [...renderApproval(one, look, Date.now()), "", ...renderDecisions(one, look), ""]);
      printLines(terminal, lines.slice(0, -1));
    }
    return 0;
  },
});
