import { readdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { formsOf } from "../../../src/adapters/secrets-local/forms.ts";
import type { Json } from "../../../src/core/json.ts";
import { useEngines } from "../../support/engine-bench.ts";

const engines = useEngines();
const CANARY = 'kanari/"3fe+9c\\ö-token';

let received: string[] = [];
const server = createServer((incoming, answer) => {
  const chunks: Buffer[] = [];
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const echo = { headers: incoming.headers, url: incoming.url, body: Buffer.concat(chunks).toString() };
    received.push(JSON.stringify(echo));
    answer.writeHead(incoming.url?.startsWith("/fail") ? 418 : 200, { "content-type": "application/json" }).end(JSON.stringify(echo));
  });
});
let origin = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // It listens on a port.
  process.env.TEST_CANARY = CANARY;
});
afterAll(() => {
  delete process.env.TEST_CANARY;
  server.close();
});

function files(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).isFile());
}

/** Files below a directory in which a form of the secret stands. */
function findCanary(directory: string): readonly string[] {
  const forms = formsOf(CANARY).map((form) => Buffer.from(form));
  return files(directory).filter((path) => {
    const content = readFileSync(path);
    return forms.some((form) => content.includes(form));
  });
}

describe("a secret (S-38)", () => {
  test("reaches those who need it, and stands nowhere in the state directory, whatever they do with it", async () => {
    received = [];
    const { troupe, write, state, workspace, project } = await engines.open();
    const file = write(`
name: canary
secrets: { TOKEN: { env: TEST_CANARY } }
steps:
  - id: prints
    env: { TOKEN: "{{ secrets.TOKEN }}" }
    run: |
      printf '%s' "$TOKEN"; printf '%s\\n' "$TOKEN" | base64; printf 'user:%s' "$TOKEN" | base64 -w0 >&2
      half=$(( \${#TOKEN} / 2 )); printf '%s' "\${TOKEN:0:half}"; printf '%s\\n' "\${TOKEN:half}"
      printf 'given=%s\\n' "$TOKEN" > "$TROUPE_OUTPUT"
  - id: scripted
    run: test {{ secrets.TOKEN }} = "$(cat)" && echo same
    stdin: "{{ secrets.TOKEN }}"
    stdout: text
  - id: fails
    optional: true
    env: { TOKEN: "{{ secrets.TOKEN }}" }
    run: echo "it failed with $TOKEN" >&2; exit 3
  - id: calls
    type: webhook
    url: "${origin}/echo?key={{ secrets.TOKEN }}"
    network: private
    json: { token: "{{ secrets.TOKEN }}" }
    auth: { basic: { user: me, password: "{{ secrets.TOKEN }}" } }
    sign: { secret: "{{ secrets.TOKEN }}" }
  - id: refused
    type: webhook
    optional: true
    url: "${origin}/fail"
    network: private
    body: "{{ secrets.TOKEN }}"
  - id: computed
    type: webhook
    optional: true
    url: "${origin}/{{ secrets.TOKEN + 1 }}"
    network: private
output: { given: "{{ steps.prints.output.given }}", echoed: "{{ steps.calls.output.json.body }}", same: "{{ steps.scripted.output }}" }
`);
    const run = await troupe.run(file, { workspace });
    const view = await run.result();
    expect(view.state).toBe("succeeded");
    expect(view.output).toEqual({ given: "***", echoed: '{"token":"***"}', same: "same" } satisfies Json);
    expect(view.steps.map(({ id, state: ended }) => `${id} ${ended}`)).toEqual([
      "prints succeeded",
      "scripted succeeded",
      "fails failed",
      "calls succeeded",
      "refused failed",
      "computed failed",
    ]);
    // It did arrive.
    expect(received.some((text) => text.includes(Buffer.from(`me:${CANARY}`).toString("base64")))).toBe(true);
    const events: unknown[] = [];
    for await (const event of project.events(project.runId(run.id))) events.push(event);
    const told = JSON.stringify([view, troupe.list(), run.why(), events]);
    expect(formsOf(CANARY).filter((form) => told.includes(form))).toEqual([]);
    expect(findCanary(state)).toEqual([]);
    await troupe.stop();
    expect(findCanary(state)).toEqual([]);
  });

  test("that is missing fails the step that asks for it, with a code and what to do", async () => {
    const { troupe, write, workspace } = await engines.open();
    const file = write(`
name: missing
secrets: { TOKEN: { env: TEST_CANARY_THAT_IS_NOT_THERE } }
steps:
  - id: needs
    optional: true
    env: { TOKEN: "{{ secrets.TOKEN }}" }
    run: 'true'
  - { id: other, run: 'true' }
`);
    const run = await troupe.run(file, { workspace });
    const { steps } = await run.result();
    expect(steps).toMatchObject([
      {
        id: "needs",
        state: "failed",
        error: { class: "permanent", code: "SECRET_MISSING", hint: expect.stringContaining("TEST_CANARY_THAT") },
      },
      { id: "other", state: "succeeded" },
    ]);
  });
});
