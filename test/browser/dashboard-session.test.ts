/** How one comes in, and what is seen while the server is away. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { type Dashboard, FAILING, openDashboard, type Visit } from "./dashboard.ts";

/** A browser tells its console of every answer that is an error; these were asked for. */
function forget({ complaints }: Visit, ...expected: readonly RegExp[]): void {
  const others = complaints.filter((text) => !expected.some((pattern) => pattern.test(text)));
  complaints.splice(0, complaints.length, ...others);
}

describe.runIf(hasChromium)("the dashboard", () => {
  let board: Dashboard;
  beforeAll(async () => {
    board = await openDashboard();
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  test("is opened by the link of the command, once, and the ticket does not stay in the address", async () => {
    await using visit = await board.visit("/", { token: null });
    forget(visit, /401/);
    const { page } = visit;
    await page.goto(board.login);
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).hash).toBe("/runs");
    await page.reload();
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await using second = await board.visit("/", { token: null });
    await second.page.goto(board.login);
    await second.page.getByRole("alert").getByText(/./).first().waitFor();
    expect(await second.page.getByLabel("Key").count()).toBe(1);
    forget(second, /401/);
  });

  test("takes a key, refuses a wrong one with what to do, and shows nothing after signing out", async () => {
    await using visit = await board.visit("/runs?state=failed", { token: null });
    const { page } = visit;
    await page.getByLabel("Key").fill("tr_wrong");
    await page.keyboard.press("Enter");
    await eventually(async () => expect(await page.getByRole("alert").first().textContent()).toMatch(/key/i));
    await page.getByLabel("Key").fill(board.token);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("No run fits these filters").waitFor();
    expect(new URL(page.url()).search).toBe("?state=failed");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Key").waitFor();
    expect(await page.getByRole("heading", { name: "Runs" }).count()).toBe(0);
    await page.reload();
    await page.getByLabel("Key").waitFor();
    forget(visit, /401/);
  });

  test("offers a viewer nothing that the server would refuse, and says why", async () => {
    const run = await board.start(FAILING);
    await board.until(run, "failed");
    const viewer = await newKey(board, "viewer");
    await using visit = await board.visit(`/runs/${run}`, { token: viewer });
    const retry = visit.page.getByRole("button", { name: "Retry" });
    await retry.waitFor();
    expect(await retry.getAttribute("aria-disabled")).toBe("true");
    expect(await retry.getAttribute("aria-description")).toBe("A key with the role viewer may not start and steer runs.");
    await retry.click({ force: true });
    expect(await visit.page.getByRole("dialog").count()).toBe(0);
  });

  test("says that the connection is lost, and goes on by itself when the server is back", async () => {
    await using visit = await board.visit("/runs");
    const { page } = visit;
    await page.getByRole("table", { name: "Runs" }).waitFor();
    await page.getByRole("heading", { name: "Runs" }).waitFor();
    await board.restart();
    await page
      .getByText(/Connection lost, reconnecting|A key is needed|Sign in/)
      .first()
      .waitFor();
    // The cookie was of the process that ended: the page asks for a key again, and then is where it was.
    await page.getByLabel("Key").fill(board.token);
    await page.keyboard.press("Enter");
    await page.getByRole("table", { name: "Runs" }).waitFor();
    const run = await board.start(FAILING);
    await page.locator(`[data-key="${run}"]`).waitFor();
    forget(visit, /401/, /ERR_CONNECTION|WebSocket|Failed to (fetch|load)/);
  });

  test("shows its keys, goes where they lead, and changes its colours", async () => {
    await using visit = await board.visit("/runs", { colorScheme: "light" });
    const { page } = visit;
    await page.getByRole("table", { name: "Runs" }).waitFor();
    await page.keyboard.press("?");
    const help = page.getByRole("dialog", { name: "Keys" });
    await help.getByText("Next row").waitFor();
    await page.keyboard.press("Escape");
    await eventually(async () => expect(await help.count()).toBe(0));
    await page.keyboard.press("/");
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Search runs");
    await page.keyboard.press("Escape");
    await page.keyboard.press("t");
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await page.reload();
    await page.getByRole("table", { name: "Runs" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe("dark");
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content");
    await page.goto(`${board.url}/nowhere`);
    await page.getByText("There is no such page").waitFor();
    await page.keyboard.press("g");
    await page.keyboard.press("r");
    await page.getByRole("heading", { name: "Runs" }).waitFor();
  });
});

async function newKey(board: Dashboard, role: string): Promise<string> {
  const { runCommand } = await import("../support/command.ts");
  const { stdout, stderr } = await runCommand(["keys", "create", role, "--role", role, "-o", "json"], { cwd: board.folder });
  const key = /tr_[\w-]+/.exec(stdout)?.[0];
  if (key === undefined) throw new Error(stderr);
  return key;
}
