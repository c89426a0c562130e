/**
 * What all stand-ins share. A prompt chooses what happens: `SCENARIO=rate-limit,ok` means the first call fails and the second does not;
 * `ANSWER=text` is what the agent says; `WRITE=path` makes it change a file. Words of an earlier call hold for later ones that bring none.
 * Every call adds a line to `calls.jsonl` of the working directory: arguments, names of variables, prompt.
 */
import { appendFileSync, existsSync, readFileSync, watch, writeFileSync } from "node:fs";

const LOG = "calls.jsonl";

/** @typedef {{ scenario: string, answer: string, write: string | null, prompt: string, args: string[], number: number }} Call */

/** @returns {Call} */
export function takeCall(cli, prompt) {
  const earlier = existsSync(LOG)
    ? readFileSync(LOG, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line))
        .filter((call) => call.cli === cli)
    : [];
  const word = (name) => new RegExp(`^${name}=(.*)$`, "m").exec(prompt)?.[1] ?? earlier.findLast((call) => call[name])?.[name] ?? null;
  const [SCENARIO, ANSWER, WRITE] = ["SCENARIO", "ANSWER", "WRITE"].map(word);
  const args = process.argv.slice(2);
  appendFileSync(LOG, `${JSON.stringify({ cli, args, env: Object.keys(process.env).sort(), prompt, SCENARIO, ANSWER, WRITE })}\n`);
  const scenarios = (SCENARIO ?? "ok").split(",");
  const answers = (ANSWER ?? "Done.").split("||");
  const number = earlier.length;
  const nth = (list) => list[Math.min(number, list.length - 1)];
  return { scenario: nth(scenarios).trim(), answer: nth(answers), write: WRITE, prompt, args, number };
}

export function readStdin() {
  return readFileSync(0, "utf8");
}

export function optionOf(args, name) {
  const joined = args.find((arg) => arg.startsWith(`${name}=`));
  if (joined !== undefined) return joined.slice(name.length + 1);
  const at = args.indexOf(name);
  return at === -1 ? null : (args[at + 1] ?? null);
}

export function say(value) {
  process.stdout.write(`${typeof value === "string" ? value : JSON.stringify(value)}\n`);
}

/** Ends when everything is written. */
export function end(code, words = "") {
  process.exitCode = code;
  process.stderr.write(words);
}

export function change({ write }) {
  if (write !== null) writeFileSync(write, "changed by an agent\n");
}

/** For ever; the time limit of its step has to end it. */
function hang() {
  setInterval(() => {}, 1_000_000);
}

/** Until the file `go` is there. */
function untilGo() {
  return new Promise((resolve) => {
    const watcher = watch(".", () => look());
    const look = () => {
      if (!existsSync("go")) return;
      watcher.close();
      resolve();
    };
    look();
  });
}

const HUGE_LINES = 10_000;
const HUGE_LINE = "x".repeat(1_000);

/**
 * Plays what every agent does in the same way: it hangs, waits for a sign, says too much, or simply succeeds.
 * `flood` says one of the long lines.
 */
export async function play(scenario, { begin, succeed, flood }) {
  begin();
  switch (scenario) {
    case "hang":
      hang();
      return;
    case "slow":
      await untilGo();
      break;
    case "huge":
      for (let line = 0; line < HUGE_LINES; line++) flood(HUGE_LINE);
      break;
  }
  succeed();
}
