/** What everybody has to be able to see and to reach: contrast, names, order, in light and dark, on a large and on a small screen. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { ASKING, type Dashboard, FAILING, letGo, openDashboard, RELEASE } from "./dashboard.ts";
import { findObstacles, LOOKS, takePicture, visitOptions } from "./looks.ts";

interface View {
  readonly name: string;
  readonly path: string;
  /** Something that is there when the view is. */
  readonly shows: string;
  readonly open?: (page: Page) => Promise<void>;
}

describe.runIf(hasChromium)("every view of the dashboard", () => {
  let board: Dashboard;
  let views: readonly View[];
  beforeAll(async () => {
    board = await openDashboard();
    const [first, failed, asking] = [await board.start(RELEASE), await board.start(FAILING), await board.start(ASKING)];
    letGo(board);
    await board.until(first, "succeeded");
    rmSync(join(board.folder, "go"));
    const running = await board.start(RELEASE);
    await board.until(failed, "failed");
    await board.until(asking, "running.waiting");
    views = [
      { name: "runs", path: "/runs", shows: ".table-row.body" },
      { name: "runs-none", path: "/runs?q=nothing", shows: ".empty" },
      { name: "graph", path: `/runs/${running}`, shows: "[data-node=build]" },
      { name: "graph-step", path: `/runs/${first}?step=lint`, shows: ".log-line" },
      { name: "waterfall", path: `/runs/${first}/waterfall`, shows: ".waterfall-row" },
      { name: "events", path: `/runs/${first}/events?at=12`, shows: ".event-row.current" },
      { name: "statechart", path: `/runs/${first}/statechart?step=unit_tests`, shows: ".card.lit" },
      { name: "steps", path: `/runs/${failed}/steps`, shows: ".table-row.body" },
      { name: "failed-step", path: `/runs/${failed}/steps?step=parse`, shows: ".log-line" },
      { name: "compare", path: `/runs/${first}/compare?with=${running}`, shows: ".compare-table" },
      { name: "asking", path: `/runs/${asking}`, shows: "[data-node=sign_off]" },
      { name: "not-found", path: `/runs/run_${"0".repeat(32)}`, shows: ".problem" },
      {
        name: "question",
        path: `/runs/${running}`,
        shows: "dialog[open]",
        open: (page) => page.getByRole("button", { name: "Cancel", exact: true }).click(),
      },
      { name: "keys", path: "/runs", shows: "dialog[open]", open: (page) => page.keyboard.press("?") },
    ];
  }, 120_000);
  afterAll(() => board?.[Symbol.asyncDispose]());

  test.each(LOOKS)(
    "has nothing in its way in %s colours on a %s screen",
    async (...look) => {
      await using visit = await board.visit("/runs", visitOptions(look));
      const { page } = visit;
      const obstacles: string[] = [];
      for (const { name, path, shows, open } of views) {
        await page.goto(`${board.url}${path}`);
        if (open !== undefined) {
          await page.locator(".page-heading").waitFor();
          await eventually(async () => {
            if ((await page.locator(shows).count()) === 0) await open(page);
            expect(await page.locator(shows).count()).toBe(1);
          });
        }
        await page.locator(shows).first().waitFor();
        obstacles.push(...(await findObstacles(page, name, look)));
      }
      const others = visit.complaints.filter((text) => !/404.*run_0{32}/.test(text));
      visit.complaints.splice(0, visit.complaints.length, ...others);
      expect(obstacles).toEqual([]);
    },
    240_000,
  );

  test("is usable before anybody is signed in", async () => {
    const look = ["dark", "phone"] as const;
    await using visit = await board.visit("/", { token: null, ...visitOptions(look) });
    await visit.page.getByLabel("Key", { exact: true }).waitFor();
    await takePicture(visit.page, "sign-in", look);
    const { violations } = await new AxeBuilder({ page: visit.page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    visit.complaints.length = 0;
  });
});
