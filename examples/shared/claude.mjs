// Stands in for Claude Code, so that an example can show an agent on any machine: speaks `claude -p --output-format stream-json`, and
// leaves the work to a local tool of the project.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

export function standIn(tool) {
  if (process.argv.includes("--version")) return process.stdout.write("2.1.0 (stand-in)\n");
  const session_id = "0b6f3a52-0000-4000-8000-000000000000";
  say({ type: "system", subtype: "init", session_id, tools: [], model: "stand-in" });
  const result = execFileSync(tool, { input: readFileSync(0), encoding: "utf8" });
  const usage = { input_tokens: 100, output_tokens: 40 };
  const cost = { num_turns: 1, total_cost_usd: 0.01, usage };
  say({ type: "result", subtype: "success", is_error: false, result, session_id, permission_denials: [], ...cost });
}
