/** Speaks the protocol of `codex exec --json`. */
import { readFileSync } from "node:fs";
import { change, end, optionOf, play, readStdin, say, takeCall } from "./stand-in.mjs";

const call = takeCall("codex", readStdin());
const { args, answer, number, scenario, write } = call;
const resumed = args.includes("resume") ? args[args.indexOf("resume") + 1] : null;
const thread_id = resumed ?? `019c2470-0000-7000-8000-00000000000${number}`;
// Counts from the beginning of the thread, as the real one does.
const usage = { input_tokens: 100 * (number + 1), cached_input_tokens: 10, output_tokens: 40 * (number + 1) };
const schema = optionOf(args, "--output-schema");
if (schema !== null) JSON.parse(readFileSync(schema, "utf8"));

function begin() {
  say({ type: "thread.started", thread_id });
  say({ type: "turn.started" });
  if (write === null) return;
  change(call);
  say({
    type: "item.completed",
    item: { id: "item_0", type: "file_change", changes: [{ path: write, kind: "add" }], status: "completed" },
  });
}

function succeed() {
  say({ type: "item.completed", item: { id: "item_1", type: "agent_message", text: answer } });
  say({ type: "turn.completed", usage });
}

function fail(message) {
  say({ type: "error", message });
  say({ type: "turn.failed", error: { message } });
  end(1);
}

switch (scenario) {
  case "rate-limit":
    begin();
    fail("exceeded retry limit, last status: 429 Too Many Requests, please try again in 1m 30s.");
    break;
  case "overload":
    begin();
    fail("We're currently experiencing high demand, which may cause temporary errors.");
    break;
  case "auth":
    begin();
    fail("unexpected status 401 Unauthorized: Missing bearer authentication in header");
    break;
  case "context":
    begin();
    fail("Your input exceeds the context window of this model. Please adjust your input and try again.");
    break;
  case "session-missing":
    if (resumed !== null) end(1, `Error: no rollout found for thread id ${resumed}\n`);
    else {
      begin();
      succeed();
    }
    break;
  case "truncated":
    begin();
    process.stdout.write('{"type":"item.completed","item":{"id":"it');
    break;
  case "crash":
    end(1, "thread 'main' panicked\n");
    break;
  default:
    await play(scenario, {
      begin,
      succeed,
      flood: (line) => say({ type: "item.updated", item: { id: "item_9", type: "reasoning", text: line } }),
    });
}
