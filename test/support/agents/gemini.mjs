/** Speaks the protocol of `gemini --output-format stream-json`. */
import { change, end, optionOf, play, readStdin, say, takeCall } from "./stand-in.mjs";

const call = takeCall("gemini", readStdin());
const { args, answer, scenario, write } = call;
const session_id = optionOf(args, "--resume") ?? `9f0e0000-0000-4000-8000-00000000000${call.number}`;
const stats = { total_tokens: 140, input_tokens: 100, output_tokens: 40, cached: 0, input: 100, duration_ms: 5, tool_calls: 1 };
const event = (type, more) => say({ type, timestamp: "2026-11-21T00:00:00.000Z", ...more });

function begin() {
  event("init", { session_id, model: "auto" });
  event("message", { role: "assistant", content: "I look at it.", delta: true });
  if (write === null) return;
  event("tool_use", { tool_name: "write_file", tool_id: "t1", parameters: { file_path: `${process.cwd()}/${write}` } });
  change(call);
  event("tool_result", { tool_id: "t1", status: "success" });
}

function succeed() {
  if (write === null) event("tool_result", { tool_id: "t0", status: "success" });
  const half = Math.ceil(answer.length / 2);
  event("message", { role: "assistant", content: answer.slice(0, half), delta: true });
  event("message", { role: "assistant", content: answer.slice(half), delta: true });
  event("result", { status: "success", stats });
}

function fail(code, type, message) {
  event("result", { status: "error", error: { type, message }, stats });
  end(code, `${message}\n`);
}

switch (scenario) {
  case "rate-limit":
    begin();
    fail(1, "TerminalQuotaError", "429 RESOURCE_EXHAUSTED: You have exhausted your capacity. Please retry in 12.5s.");
    break;
  case "overload":
    begin();
    fail(1, "ApiError", "503 UNAVAILABLE: The model is overloaded.");
    break;
  case "auth":
    end(41, "Please set an Auth method in your settings.json or specify GEMINI_API_KEY\n");
    break;
  case "untrusted":
    end(55, "Gemini CLI is not running in a trusted directory.\n");
    break;
  case "max-turns":
    begin();
    fail(53, "FatalTurnLimitedError", "Reached max session turns for this session.");
    break;
  case "context":
    begin();
    fail(1, "ApiError", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).");
    break;
  case "session-missing":
    if (optionOf(args, "--resume") !== null) end(42, "Error resuming session: Invalid session identifier\n");
    else {
      begin();
      succeed();
    }
    break;
  case "truncated":
    begin();
    process.stdout.write('{"type":"mess');
    break;
  case "crash":
    end(1, "An unexpected critical error occurred\n");
    break;
  default:
    await play(scenario, {
      begin,
      succeed,
      flood: (line) => event("tool_result", { tool_id: "t1", status: "success", output: line }),
    });
}
