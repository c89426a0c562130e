/** Speaks the protocol of `claude -p --output-format stream-json --verbose`. */
import { spawn } from "node:child_process";
import { change, end, optionOf, play, readStdin, say, takeCall } from "./stand-in.mjs";

const call = takeCall("claude", readStdin());
const { args, answer, scenario, write } = call;
const session_id = optionOf(args, "--resume") ?? `0b6f3a52-0000-4000-8000-00000000000${call.number}`;
const usage = { input_tokens: 100, cache_creation_input_tokens: 20, cache_read_input_tokens: 3, output_tokens: 40 };
const base = {
  type: "result",
  duration_ms: 5,
  duration_api_ms: 4,
  num_turns: 2,
  session_id,
  total_cost_usd: 0.25,
  usage,
  permission_denials: [],
};
const failed = (subtype, more) => say({ ...base, subtype, is_error: true, ...more });

function begin() {
  say({
    type: "system",
    subtype: "init",
    session_id,
    tools: [],
    model: optionOf(args, "--model") ?? "default",
    permissionMode: optionOf(args, "--permission-mode"),
  });
  const content =
    write === null
      ? [{ type: "text", text: "I look at it." }]
      : [{ type: "tool_use", id: "t1", name: "Write", input: { file_path: `${process.cwd()}/${write}` } }];
  say({ type: "assistant", message: { role: "assistant", content }, session_id });
  change(call);
}

function succeed(more = {}) {
  const structured = optionOf(args, "--json-schema") === null ? {} : { structured_output: parsed(answer) };
  say({ ...base, subtype: "success", is_error: false, result: answer, stop_reason: "end_turn", ...structured, ...more });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

switch (scenario) {
  case "rate-limit":
    begin();
    failed("success", {
      result: 'API Error: 429 {"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}} retry-after: 20',
    });
    end(1);
    break;
  case "usage-limit":
    failed("success", { result: `Claude AI usage limit reached|${Math.floor(Date.now() / 1000) + 3600}` });
    end(1);
    break;
  case "overload":
    begin();
    failed("success", { result: 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}' });
    end(1);
    break;
  case "auth":
    failed("success", { result: "Invalid API key · Please run /login" });
    end(1);
    break;
  case "context":
    failed("success", { result: "Prompt is too long" });
    end(1);
    break;
  case "refusal":
    begin();
    say({ ...base, subtype: "success", is_error: false, result: "", stop_reason: "refusal" });
    break;
  case "max-turns":
    begin();
    failed("error_max_turns", {});
    end(1);
    break;
  case "max-cost":
    begin();
    failed("error_max_budget_usd", { errors: ["Reached maximum budget"] });
    end(1);
    break;
  case "session-missing":
    if (optionOf(args, "--resume") !== null) end(1, `No conversation found with session ID: ${session_id}\n`);
    else {
      begin();
      succeed();
    }
    break;
  case "truncated":
    begin();
    process.stdout.write('{"type":"result","subtype":"success","is_er');
    break;
  case "crash":
    begin();
    end(1, "Segmentation of something unforeseen\n");
    break;
  case "silent":
    break;
  case "denied":
    begin();
    succeed({ permission_denials: [{ tool_name: "Bash", tool_use_id: "t2", tool_input: { command: "rm -rf /" } }] });
    break;
  case "garbage":
    process.stdout.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    say("{ not json");
    say("[1,2]");
    begin();
    succeed();
    break;
  case "server":
    begin();
    spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).unref();
    succeed();
    break;
  case "secret":
    begin();
    succeed({ result: `The key is ${process.env.ANTHROPIC_API_KEY}.` });
    break;
  default:
    await play(scenario, {
      begin,
      succeed,
      flood: (line) => say({ type: "user", message: { content: line } }),
    });
}
