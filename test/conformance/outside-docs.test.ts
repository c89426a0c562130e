import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFolder, type Folder } from "../integration/cli/in-process.ts";

/** A service as the pages have it. */
const server = createServer(({ headers }, answer) => {
  const isKnown = headers.authorization === "Bearer of-the-docs" || headers["webhook-signature"] !== undefined;
  answer.writeHead(isKnown ? 200 : 401, { "content-type": "application/json" }).end(JSON.stringify({ state: "up" }));
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `localhost:${(server.address() as AddressInfo).port}`; // It listens on a port.
  process.env.STATUS_TOKEN = "of-the-docs";
});
afterAll(() => {
  delete process.env.STATUS_TOKEN;
  server.close();
});

/** For the rules of a page. */
const NOTIFY = { TROUPE_NOTIFY_KEY: "a key for the pages of the docs", TROUPE_NOTIFY_NETWORK: "private" };

const MARKED = /^<!-- (?<kind>file|run): (?<what>.+) -->\n```\w+\n(?<text>[\s\S]*?)^```$/gm;

/** A line as a shell would split it. */
function words(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([, single, double, bare]) => single ?? double ?? bare ?? "");
}

async function play(page: string, folder: Folder): Promise<number> {
  let played = 0;
  for (const { groups: { kind = "", what = "", text = "" } = {} } of readFileSync(page, "utf8").matchAll(MARKED)) {
    if (kind === "file") {
      writeFileSync(join(folder.path, what), text.replaceAll("localhost:8080", origin));
      continue;
    }
    const codes = what.split(" ").map(Number);
    const lines = text.trim().split("\n");
    expect([page, lines.length]).toEqual([page, codes.length]);
    for (const [index, line] of lines.entries()) {
      const [program, ...rest] = words(line).map((word) => (word.endsWith(".troupe.yaml") ? join(folder.path, word) : word));
      expect(program).toBe("troupe");
      // A process in the background would be another program than the one under test.
      if (rest.includes("--detach")) {
        const ended = folder.run(rest.map((word) => (word === "--detach" ? "--wait" : word)));
        const parked = async (): Promise<string> => (await folder.run(["show", "@latest"])).out;
        await Promise.race([
          expect.poll(parked, { timeout: 15_000, interval: 100 }).toContain("waits for"),
          ended.then((answer) => expect.fail(JSON.stringify(answer))),
        ]);
        continue;
      }
      const { code, err } = await folder.run(rest, { env: NOTIFY });
      expect([line, code, err]).toEqual([line, codes[index], err]);
      played++;
    }
  }
  return played;
}

test.each([
  ["docs/approvals.md", 5],
  ["docs/webhooks.md", 1],
  ["docs/notifications.md", 3],
])("the commands of %s do what it says", { timeout: 60_000 }, async (page, count) => {
  using folder = createFolder();
  expect(await play(page, folder)).toBe(count);
});
