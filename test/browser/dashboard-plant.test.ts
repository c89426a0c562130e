/** Tools, costs, the system: what they show, what can be done, and how it looks. */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { BreakerView } from "../../src/contract/tool-view.ts";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { ASK, deploy, fillPlant, forget, HELD, NIGHTLY, REPORT } from "./dashboard-plant.ts";
import { findObstacles, LOOKS, visitOptions } from "./looks.ts";

describe.runIf(hasChromium)("the plant", () => {
  let board: Dashboard;
  beforeAll(async () => {
    vi.stubEnv("PATH", `${resolve("test/support/agents/bin")}:${process.env.PATH}`);
    board = await openDashboard();
    await fillPlant(board);
    for (const word of ["one", "two"]) await deploy(board, "nightly", NIGHTLY(word));
    await deploy(board, "ship", ASK);
    await deploy(board, "report", REPORT);
    await deploy(board, "payout", HELD("payout"));
    const input = { load: 3, site: { name: "Hall" } };
    const [done, held, asked] = await Promise.all(
      [{ workflow: "nightly", input }, { workflow: "payout" }, { workflow: "ship" }].map(
        async (body) => (await board.call<{ id: string }>("POST", "/runs", body)).id,
      ),
    );
    await board.until(done ?? "", "succeeded");
    await board.until(held ?? "", "quarantined");
    await board.until(asked ?? "", "running.waiting");
  }, 120_000);
  afterAll(async () => {
    vi.unstubAllEnvs();
    await board?.[Symbol.asyncDispose]();
  });

  test("shows what tools there are, why one is missing, and how they have done", async () => {
    await using visit = await board.visit("/tools");
    const { page } = visit;
    const tool = (name: string) =>
      page
        .getByRole("list", { name: "Tools" })
        .getByRole("listitem")
        .filter({ has: page.getByRole("heading", { name }) });
    await tool("absent").waitFor();
    expect(await tool("absent").textContent()).toMatch(/not here.*absent\.sh/);
    expect(await tool("tidy").textContent()).toMatch(/available.*Calls0/);
    expect(await tool("claude_code").textContent()).toMatch(/Calls1Succeeded100%.*\$0\.25/);
  });

  test("says of a breaker that is open when it tries again, and closes it when asked", async () => {
    await using visit = await board.visit("/tools");
    const { page } = visit;
    const breaker = page.getByRole("listitem").filter({ hasText: "webhook:http://127.0.0.1:9" });
    await breaker.getByText("open", { exact: true }).waitFor();
    expect(await breaker.textContent()).toMatch(/Tried again in (1m|[0-9]+s)/);
    await breaker.getByRole("button", { name: "Reset" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Keep as it is" }).click();
    expect((await board.call<readonly BreakerView[]>("GET", "/breakers"))[0]?.state).toBe("open");
    await breaker.getByRole("button", { name: "Reset" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Close it" }).click();
    await eventually(async () => expect((await board.call<readonly BreakerView[]>("GET", "/breakers"))[0]?.state).not.toBe("open"));
  });

  test("adds up what was spent, in a chart, in a table and in a file", async () => {
    await using visit = await board.visit("/costs");
    const { page } = visit;
    const today = new Date().toISOString().slice(0, 10);
    await page.getByRole("row", { name: new RegExp(`${today}.*\\$0\\.25.*100%`) }).waitFor();
    expect(
      await page
        .getByRole("img", { name: /^Cost of each day/ })
        .locator("title")
        .last()
        .textContent(),
    ).toBe(`${today}: $0.25, 1 attempts`);
    await page.getByRole("button", { name: "by tool" }).click();
    await page.getByRole("row", { name: /claude_code.*\$0\.25/ }).waitFor();
    await page.getByRole("button", { name: "7 days" }).click();
    expect(new URL(page.url()).searchParams.get("by")).toBe("tool");
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "CSV" }).click()]);
    const lines = readFileSync(await file.path(), "utf8").split("\r\n");
    expect(lines).toEqual(["day,workflow,category,tool,usd,attempts", `${today},writes,agent,claude_code,0.25,1`, ""]);
    expect(file.suggestedFilename()).toMatch(/^costs-.*\.csv$/);
    await page.getByLabel("to", { exact: true }).fill("2020-01-02");
    await page.getByText("Nothing was spent in these days").waitFor();
  });

  test("tells how the engine is, and leads to what waits", async () => {
    await using visit = await board.visit("/system");
    const { page } = visit;
    const journal = page.getByRole("region", { name: "Journal and runs" });
    await journal.waitFor();
    expect(await page.getByRole("region", { name: "Health" }).textContent()).toContain("engine");
    expect(await page.getByRole("region", { name: "Queue" }).textContent()).toMatch(/of \d+ workers? busy/);
    expect(await journal.textContent()).toMatch(/Waiting for approval1Quarantined steps1/);
    await page.getByRole("region", { name: "Tenant default" }).waitFor();
    expect(await page.getByRole("link", { name: "API reference" }).getAttribute("href")).toBe("/docs");
    await journal.getByRole("link", { name: /quarantined/ }).click();
    await page.waitForURL("**/runs?state=quarantined");
  });

  test("shows when a workflow is started by itself, stops that, lets it go on, and starts it now", async () => {
    await using visit = await board.visit("/schedules", { timezoneId: "America/New_York" });
    const { page } = visit;
    const list = page.getByRole("table", { name: "Schedules" });
    await list.getByRole("link", { name: "report/mornings" }).click();
    await page.waitForURL("**/schedules/report%2Fmornings");
    const detail = page.getByRole("article");
    // As it is there, and as it is here.
    await eventually(async () =>
      expect(await detail.textContent()).toMatch(/Asia\/Tokyo.*06:00 (JST|GMT\+9)America\/New_York, yours.*1[67]:00/),
    );
    await detail.getByRole("button", { name: "Pause" }).click();
    await page
      .getByRole("dialog")
      .getByLabel(/^Reason/)
      .fill("holidays");
    await page.getByRole("dialog").getByRole("button", { name: "Pause" }).click();
    await detail.getByText(/owner paused it.*holidays/).waitFor();
    await detail.getByRole("button", { name: "Let it go on" }).click();
    await detail.getByRole("button", { name: "Pause" }).waitFor();
    await detail.getByRole("button", { name: "Run now" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start it" }).click();
    await page.getByRole("link", { name: "Look at the run" }).click();
    await page.getByText("report").first().waitFor();
    await page.waitForURL("**/runs/run_*");
  });

  test("shows who is told of what, and what came of it", async () => {
    await using visit = await board.visit("/notifications");
    const { page } = visit;
    await page.getByRole("button", { name: /^failures/ }).click();
    expect(new URL(page.url()).search).toBe("?rule=failures");
    await page
      .getByRole("row", { name: /run\.failed.*failures \(webhook\)/ })
      .first()
      .waitFor();
  });

  test("says what an empty list would hold, and what went wrong where something did", async () => {
    await using visit = await board.visit("/workflows?q=nothing");
    const { page } = visit;
    await page.getByText("No workflow fits “nothing”").waitFor();
    let isBusy = true;
    let asked = 0;
    await page.route("**/api/v1/tools", (route) => {
      asked++;
      if (!isBusy) return route.continue();
      const json = { code: "STORE_BUSY", title: "Not now", detail: "The store is busy.", fix: "Wait." };
      return route.fulfill({ status: 503, contentType: "application/problem+json", json });
    });
    await page.goto(`${board.url}/tools`);
    await page.getByText("The store is busy.").waitFor();
    const before = asked;
    await page.getByRole("button", { name: "Try again" }).click();
    await eventually(() => expect(asked).toBeGreaterThan(before));
    // From here on it may also come back by itself.
    isBusy = false;
    await page.getByRole("heading", { name: "tidy" }).waitFor();
    forget(visit, /503/);
  });

  const VIEWS: readonly {
    readonly name: string;
    readonly path: string;
    readonly shows: string;
    readonly open?: (page: Page) => Promise<void>;
  }[] = [
    { name: "workflows", path: "/workflows", shows: ".table-row.body" },
    { name: "workflow", path: "/workflows/nightly?step=build", shows: "[data-node=build]" },
    { name: "plan", path: "/workflows/nightly/plan", shows: ".plan-bar" },
    { name: "source", path: "/workflows/nightly/source", shows: ".cm-line" },
    { name: "versions", path: "/workflows/nightly/versions", shows: ".diff-line" },
    { name: "retries", path: "/workflows/nightly/retries", shows: ".delays" },
    { name: "start", path: "/workflows/nightly/start", shows: ".schema-field" },
    {
      name: "start-wrong",
      path: "/workflows/nightly/start",
      shows: "[aria-invalid=true]",
      open: (page) => page.getByRole("form").getByRole("button", { name: "Start" }).click(),
    },
    { name: "new-workflow", path: "/workflows/+new?template=parallel", shows: ".cm-line" },
    { name: "approvals", path: "/approvals", shows: ".table-row.body, .deciding" },
    { name: "quarantine", path: "/quarantine", shows: ".table-row.body" },
    { name: "tools", path: "/tools", shows: ".tool" },
    { name: "costs", path: "/costs", shows: ".cost-total" },
    { name: "costs-workflow", path: "/costs?by=workflow", shows: ".cost-table tbody tr" },
    { name: "schedules", path: "/schedules", shows: ".table-row.body" },
    { name: "notifications", path: "/notifications", shows: ".delivery-state" },
    { name: "system", path: "/system", shows: ".checks" },
  ];

  test.each(LOOKS)(
    "has nothing in its way in %s colours on a %s screen",
    async (...look) => {
      await using visit = await board.visit("/tools", visitOptions(look));
      const { page } = visit;
      const [asked] = await board.call<readonly { run: string; step: string }[]>("GET", "/approvals");
      const [held] = await board.call<readonly { run: string; step: string }[]>("GET", "/quarantine");
      const chosen = [
        { name: "approval", path: `/approvals/${asked?.run}/${asked?.step}`, shows: ".deciding" },
        { name: "held", path: `/quarantine/${held?.run}/${held?.step}`, shows: ".ways" },
      ];
      const obstacles: string[] = [];
      for (const view of [...VIEWS, ...chosen]) {
        await page.goto(`${board.url}${view.path}`);
        if ("open" in view && view.open !== undefined) await view.open(page);
        await page.locator(view.shows).first().waitFor();
        obstacles.push(...(await findObstacles(page, view.name, look)));
      }
      expect(obstacles).toEqual([]);
    },
    240_000,
  );
});
