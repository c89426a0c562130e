/** Speaks as `aider --message-file` does: plain text, and exit code 0 whatever happened. */
import { readFileSync } from "node:fs";
import { change, end, optionOf, play, say, takeCall } from "./stand-in.mjs";

const file = optionOf(process.argv.slice(2), "--message-file");
const call = takeCall("aider", readFileSync(file, "utf8"));
const { answer, scenario, write } = call;

function begin() {
  say("Aider v0.86.2");
  say(`Main model: ${optionOf(call.args, "--model") ?? "some/model"} with diff edit format`);
  say("Git repo: none");
  say("Repo-map: disabled");
  say("");
}

function succeed() {
  say(answer);
  say("");
  say("Tokens: 1.2k sent, 1,024 cache write, 345 received.");
  say("Cost: $0.01 message, $0.05 session.");
  if (write === null) return;
  change(call);
  say(`Applied edit to ${write}`);
}

switch (scenario) {
  case "rate-limit":
    begin();
    say("litellm.RateLimitError: RateLimitError: OpenAIException - Rate limit reached for gpt-5. Please try again in 20s.");
    say("The API provider has rate limited you. Try again later or check your quotas.");
    break;
  case "overload":
    begin();
    say("litellm.InternalServerError: AnthropicException - Overloaded");
    break;
  case "auth":
    begin();
    say("litellm.AuthenticationError: AnthropicException - invalid x-api-key");
    break;
  case "context":
    begin();
    say("litellm.ContextWindowExceededError: prompt is too long: 250000 tokens");
    break;
  case "edit-format":
    begin();
    say("Tokens: 1.2k sent, 345 received.");
    say("The LLM did not conform to the edit format.");
    say("Only 3 reflections allowed, stopping.");
    break;
  case "truncated":
    begin();
    process.stdout.write("I was going to");
    break;
  case "crash":
    end(2, "aider: error: unrecognized arguments: --nonsense\n");
    break;
  default:
    await play(scenario, { begin, succeed, flood: say });
}
