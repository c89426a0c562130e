/** The list of runs: live, filtered, long, walked with the keyboard, and steered in bulk. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { ASKING, type Dashboard, FAILING, openDashboard, RELEASE } from "./dashboard.ts";

const MANY = 330;
const SHORT = `name: short
steps:
  - { id: check, type: assert, check: "1 == 1" }
`;

const rows = (page: Page) => page.getByRole("table", { name: "Runs" }).locator(".table-row.body");
const row = (page: Page, run: string) => rows(page).filter({ has: page.locator(`[data-key="${run}"]`) });

describe.runIf(hasChromium)("the list of runs", () => {
  let board: Dashboard;
  let failed: string;
  let asking: string;
  beforeAll(async () => {
    board = await openDashboard();
    failed = await board.start(FAILING);
    asking = await board.start(ASKING);
    await board.until(failed, "failed");
    await board.until(asking, "running.waiting");
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  test("shows each run with state, progress, times and cost, and a new one at once", async () => {
    await using visit = await board.visit("/runs");
    const { page } = visit;
    await row(page, failed).waitFor();
    expect(await row(page, failed).textContent()).toMatch(/failed.*nightly-report.*100%/);
    expect(await row(page, asking).textContent()).toMatch(/waiting.*deploy-prod.*33%/);
    const fresh = await board.start(RELEASE);
    await row(page, fresh).waitFor();
    await eventually(async () => expect(await row(page, fresh).textContent()).toMatch(/running.*release.*\d\d%/));
    writeFileSync(join(board.folder, "go"), "");
    await eventually(async () => expect(await row(page, fresh).textContent()).toMatch(/succeeded.*100%/), 20_000);
    // Anywhere in the row.
    await row(page, fresh).click({ position: { x: 700, y: 20 } });
    await page.waitForURL(`**/runs/${fresh}`);
  });

  test("finds runs by text, workflow, state and time, and the address holds it", async () => {
    await using visit = await board.visit("/runs");
    const { page } = visit;
    await row(page, failed).waitFor();
    await page.getByLabel("Search runs").fill(failed.slice(-8));
    await eventually(async () => expect(await rows(page).count()).toBe(1));
    expect(new URL(page.url()).searchParams.get("q")).toBe(failed.slice(-8));
    await page.getByRole("button", { name: "Clear" }).click();
    await page.getByRole("group", { name: "States" }).getByRole("button", { name: "failed" }).click();
    await eventually(async () => expect(await rows(page).count()).toBe(1));
    await page.getByLabel("Time").selectOption("1h");
    expect(new URL(page.url()).search).toBe("?state=failed&since=1h");
    await page.reload();
    await row(page, failed).waitFor();
    expect(await page.getByLabel("Time").inputValue()).toBe("1h");
    await page.getByLabel("Workflow").fill("nobody");
    await page.getByText("No run fits these filters").waitFor();
    await page.getByRole("link", { name: "Show all runs" }).click();
    await row(page, asking).waitFor();
    await page.goto(`${board.url}/runs?since=custom&from=2020-01-01T00:00&to=2020-01-02T00:00`);
    await page.getByText("No run fits these filters").waitFor();
  });

  test("cancels and repeats those that are selected, after a question", async () => {
    const [one, other] = [await board.start(ASKING), await board.start(ASKING)];
    await using visit = await board.visit("/runs?workflow=deploy-prod");
    const { page } = visit;
    for (const run of [one, other]) await row(page, run).getByRole("checkbox").check();
    await page.getByRole("status").filter({ hasText: "2 selected" }).waitFor();
    const retry = page.getByRole("button", { name: "Retry", exact: true });
    expect(await retry.getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep as it is" }).click();
    expect((await board.call<{ state: string }>("GET", `/runs/${one}`)).state).toBe("running");
    await page.getByRole("button", { name: "Cancel", exact: true }).click();
    await page.getByRole("dialog").getByLabel("Reason").fill("not today");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel 2 runs" }).click();
    for (const run of [one, other]) await eventually(async () => expect(await row(page, run).textContent()).toMatch(/canceled/));
    const { events } = await board.call<{ events: readonly { type: string; data: { reason?: string } }[] }>("GET", `/runs/${one}/events`);
    expect(events.find(({ type }) => type === "run.canceling" || type === "run.canceled")?.data.reason).toBe("not today");
    for (const run of [one, other]) await row(page, run).getByRole("checkbox").check();
    await retry.click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry 2 runs" }).click();
    await eventually(async () => {
      const { runs } = await board.call<{ runs: readonly { parent: string | null }[] }>("GET", "/runs?workflow=deploy-prod");
      expect(runs.map(({ parent }) => parent).filter((parent) => parent !== null)).toHaveLength(2);
    });
    await eventually(async () =>
      expect(
        await rows(page)
          .filter({ hasText: `from ${one.slice(-8)}` })
          .allTextContents(),
      ).toHaveLength(1),
    );
  });

  test("is walked with the keyboard, also to where no row was drawn yet, and pages come as one goes", async () => {
    for (let started = 0; started < MANY; started += 10) await Promise.all(Array.from({ length: 10 }, () => board.start(SHORT)));
    await using visit = await board.visit("/runs?workflow=short");
    const { page } = visit;
    await rows(page).first().waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.closest("[role=row]")?.getAttribute("aria-rowindex"));
    await page.keyboard.press("j");
    await eventually(async () => expect(await focused()).toBe("2"));
    // The second key comes when what the first one changed is drawn, and before its effects.
    await page.evaluate(async () => {
      const press = (key: string) => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      press("j");
      await new Promise((drawn) => setTimeout(drawn));
      press("j");
      await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(painted))));
    });
    expect(await focused()).toBe("4");
    await page.keyboard.press("k");
    await eventually(async () => expect(await focused()).toBe("3"));
    await page.keyboard.press("x");
    await page.getByRole("status").filter({ hasText: "1 selected" }).waitFor();
    const table = page.getByRole("table", { name: "Runs" });
    await eventually(async () => {
      await page.keyboard.press("End");
      expect(await table.getAttribute("aria-rowcount")).toBe(String(MANY + 1));
    }, 20_000);
    await page.keyboard.press("End");
    await eventually(async () => expect(await focused()).toBe(String(MANY + 1)));
    // Of all of them only those in sight are in the page.
    expect(await rows(page).count()).toBeLessThan(60);
    expect(await page.getByText(`${MANY} runs`).count()).toBe(1);
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/runs\/run_/);
  });
});
