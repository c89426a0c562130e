/** A CLI that nobody knows: JSON lines with names of its own. */
import { readFileSync } from "node:fs";
import { change, end, optionOf, readStdin, say, takeCall } from "./stand-in.mjs";

const args = process.argv.slice(2);
const call = takeCall("own", args.includes("--file") ? readFileSync(args.at(-1), "utf8") : readStdin());
const { answer, scenario } = call;
const conversation = optionOf(args, "--continue") ?? "c-1";

switch (scenario) {
  case "rate-limit":
    say({ problem: { message: "429: too many requests" } });
    end(3);
    break;
  case "error":
    say({ problem: "The model refused." });
    break;
  case "crash":
    end(3, "something broke\n");
    break;
  case "text":
    say(answer);
    break;
  default:
    change(call);
    say({ kind: "start", conversation });
    say({ kind: "end", done: { words: answer }, counts: [{ read: 10, written: 4 }], price: 0.5, rounds: 3 });
}
