/**
 * An engine's store in a process of its own, driven by lines: `own if-dead`, `own force`, `commit N`, `flood N`, `disown`, `lock MS`.
 * Every answer is one line of JSON.
 */
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import { toError } from "../../src/core/errors.ts";
import { batchOf, definitionRow, Script } from "./store.entries.ts";

const [directory = ""] = process.argv.slice(2);

function say(line: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const store = await openStore({ directory, durability: "full", onTrouble: (trouble) => say({ trouble }) }).catch((thrown: unknown) => {
  const error = toError(thrown) as Error & { code?: string };
  say({ failed: error.code, message: error.message });
  process.exit(6);
});
let epoch = 0;

/** `stallMs` is the longest pause of this thread meanwhile. */
async function commit(number: number): Promise<void> {
  await store.putDefinition(definitionRow());
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  await store.commit(epoch, batchOf(new Script(number).whole().take()));
  delay.disable();
  say({ committed: number, stallMs: delay.max / 1e6 });
}

const commands: Record<string, (argument: string) => Promise<void>> = {
  async own(takeover) {
    epoch = (await store.own(takeover as "if-dead" | "force")).epoch;
    say({ owned: epoch });
  },
  async disown() {
    await store.disown();
    say({ disowned: epoch });
  },
  commit: (argument) => commit(Number(argument)),
  async flood(first) {
    for (let number = Number(first); ; number++) await commit(number);
  },
  async lock(ms) {
    const db = new DatabaseSync(join(directory, "troupe.db"));
    db.exec("BEGIN EXCLUSIVE");
    say({ locked: true });
    setTimeout(() => {
      db.exec("ROLLBACK");
      say({ locked: false });
    }, Number(ms));
  },
};

say({ ready: process.pid });
// Commands do not wait for each other.
createInterface({ input: process.stdin })
  .on("close", () => process.exit(0))
  .on("line", (line) => {
    const [name = "", argument = ""] = line.split(" ");
    void commands[name]?.(argument).catch((thrown: unknown) => {
      const error = toError(thrown) as Error & { code?: string };
      say({ failed: error.code, message: error.message });
    });
  });
