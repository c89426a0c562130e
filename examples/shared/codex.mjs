// Stands in for Codex, so that an example can show an agent on any machine: speaks `codex exec --json`, and leaves the work to a local tool
// of the project.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

export function standIn(tool) {
  if (process.argv.includes("--version")) return process.stdout.write("codex-cli 0.100.0 (stand-in)\n");
  say({ type: "thread.started", thread_id: "019c2470-0000-7000-8000-000000000000" });
  say({ type: "turn.started" });
  const text = execFileSync(tool, { input: readFileSync(0), encoding: "utf8" });
  say({ type: "item.completed", item: { id: "item_0", type: "agent_message", text } });
  say({ type: "turn.completed", usage: { input_tokens: 100, cached_input_tokens: 0, output_tokens: 40 } });
}
