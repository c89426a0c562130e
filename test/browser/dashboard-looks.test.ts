/** What everybody has to be able to see and to reach: contrast, names, order, in light and dark, on a large and on a small screen. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { ASKING, type Dashboard, FAILING, letGo, openDashboard, RELEASE } from "./dashboard.ts";

/** Pictures of what was tested, for whoever wants to look. */
const PICTURES = "test/browser/pictures";
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 380, height: 800 } } as const;

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
    mkdirSync(PICTURES, { recursive: true });
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

  test.each([
    ["light", "wide"],
    ["dark", "wide"],
    ["light", "phone"],
    ["dark", "phone"],
  ] as const)(
    "has nothing in its way in %s colours on a %s screen",
    async (colorScheme, size) => {
      await using visit = await board.visit("/runs", { colorScheme, viewport: SIZES[size], reducedMotion: "reduce" });
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
        await page.screenshot({ path: join(PICTURES, `dashboard-${name}-${colorScheme}-${size}.png`) });
        const { violations } = await new AxeBuilder({ page }).analyze();
        const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
        const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`);
        obstacles.push(...found.map((text) => `${name}: ${text}`));
        if (await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)) obstacles.push(`${name}: too wide`);
      }
      const others = visit.complaints.filter((text) => !/404.*run_0{32}/.test(text));
      visit.complaints.splice(0, visit.complaints.length, ...others);
      expect(obstacles).toEqual([]);
    },
    240_000,
  );

  test("is usable before anybody is signed in", async () => {
    await using visit = await board.visit("/", { token: null, viewport: SIZES.phone, colorScheme: "dark" });
    await visit.page.getByLabel("Key", { exact: true }).waitFor();
    await visit.page.screenshot({ path: join(PICTURES, "dashboard-sign-in-dark-phone.png") });
    const { violations } = await new AxeBuilder({ page: visit.page }).analyze();
    expect(violations.map(({ id }) => id)).toEqual([]);
    visit.complaints.length = 0;
  });
});
