/** One run as a person meets it: its views, its past, its steps, and what can be done with it. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { ASKING, type Dashboard, FAILING, openDashboard, RELEASE } from "./dashboard.ts";

/** What a terminal would obey: a link, the clipboard, a bell. */
const HOSTILE = `name: hostile
title: '<img src=x onerror="window.hit = 1">'
steps:
  - id: print
    title: '<img src=x onerror="window.hit = 2">'
    type: shell
    run: |
      printf '<img src=x onerror="window.hit=3">\\n'
      printf '\\033]8;;javascript:window.hit=4\\007click\\033]8;;\\007\\n'
      printf '\\033]52;c;aGVsbG8=\\007ding\\007dong \\033[1;31mred\\033[0m\\n'
`;
const LONG = `name: long-log
steps:
  - { id: talk, type: shell, run: "seq -f 'line %.0f of a long log that goes on and on' 1 20000" }
`;
const STEPS = 500;
const WIDE = [
  "name: wide",
  "steps:",
  ...Array.from({ length: STEPS }, (_, index) => {
    const needs = index < 20 ? "" : `, needs: [s${index - 20}${index % 3 === 0 ? `, s${index - 19}` : ""}]`;
    return `  - { id: s${index}, type: assert, check: "1 == 1"${needs} }`;
  }),
  "",
].join("\n");

const node = (page: Page, id: string) => page.locator(`[data-node="${id}"]`);
const drawer = (page: Page, id: string) => page.getByRole("complementary", { name: `Step ${id}` });
const tab = (page: Page, name: string) => page.getByRole("navigation", { name: "Views of the run" }).getByRole("link", { name });
const scrubber = (page: Page) => page.getByRole("slider", { name: "Moment that is looked at" });

describe.runIf(hasChromium)("the page of a run", () => {
  let board: Dashboard;
  beforeAll(async () => {
    board = await openDashboard();
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  /** It stands still in `build` until the file is there. */
  async function release(): Promise<{ readonly run: string; readonly go: () => void }> {
    const file = join(board.folder, "go");
    const { rmSync } = await import("node:fs");
    rmSync(file, { force: true });
    const run = await board.start(RELEASE);
    await eventually(async () =>
      expect(
        (
          await board
            .call<{ detail: string }>("GET", `/runs/${run}/steps/build`)
            .then((view) => (view as unknown as { step: { detail: string } }).step)
        ).detail,
      ).toBe("running.executing"),
    );
    return { run, go: () => writeFileSync(file, "") };
  }

  test("draws the graph with the state of each step, live, and is walked with the arrow keys", async () => {
    const { run, go } = await release();
    await using visit = await board.visit(`/runs/${run}`);
    const { page } = visit;
    await node(page, "build").waitFor();
    expect(await node(page, "build").getAttribute("aria-label")).toMatch(/^build, executing/);
    expect(await node(page, "unit_tests").getAttribute("aria-label")).toMatch(/succeeded, 2 attempts/);
    expect(await node(page, "announce").getAttribute("data-family")).toBe("pending");
    await node(page, "checkout").focus();
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-node"));
    await page.keyboard.press("ArrowRight");
    expect(["lint", "unit_tests"]).toContain(await focused());
    await page.keyboard.press("ArrowRight");
    expect(await focused()).toBe("build");
    await page.keyboard.press("Enter");
    await drawer(page, "build").waitFor();
    expect(new URL(page.url()).search).toBe("?step=build");
    await eventually(async () => expect(await drawer(page, "build").getByRole("log").textContent()).toContain("compiling"));
    go();
    await eventually(async () => expect(await drawer(page, "build").getByRole("log").textContent()).toContain("built"));
    await eventually(async () => expect(await node(page, "regions").getAttribute("aria-label")).toMatch(/succeeded, 3 of 3 items/), 20_000);
    await eventually(async () => expect(await node(page, "announce").getAttribute("data-family")).toBe("succeeded"));
    await page.keyboard.press("Escape");
    await eventually(async () => expect(await drawer(page, "build").count()).toBe(0));
  });

  test("moves and zooms the graph, and keeps up with five hundred steps", async () => {
    const run = await board.start(WIDE);
    await board.until(run, "succeeded");
    await using visit = await board.visit(`/runs/${run}/graph`);
    const { page } = visit;
    await node(page, "s0").waitFor();
    expect(await page.locator("[data-node]").count()).toBe(STEPS);
    const zoom = async () => Number(/scale\(([\d.]+)\)/.exec((await page.locator(".camera").getAttribute("transform")) ?? "")?.[1]);
    const fitted = await zoom();
    await page.getByRole("button", { name: "Zoom in" }).click();
    expect(await zoom()).toBeGreaterThan(fitted);
    await page.getByRole("button", { name: "Show all" }).click();
    expect(await zoom()).toBeCloseTo(fitted);
    // With all of them in the page none of its frames hangs; how long they take is a matter of the machine.
    const slowest = await page.evaluate(async () => {
      const screen = document.querySelector(".dag-screen");
      const frame = () => new Promise<number>((resolve) => requestAnimationFrame(resolve));
      let [before, longest] = [await frame(), 0];
      for (let turn = 0; turn < 30; turn++) {
        screen?.dispatchEvent(new WheelEvent("wheel", { deltaX: 5, deltaY: 3, bubbles: true, cancelable: true }));
        const at = await frame();
        longest = Math.max(longest, at - before);
        before = at;
      }
      return longest;
    });
    expect(slowest).toBeLessThan(5_000);
    const before = await page.locator(".camera").getAttribute("transform");
    const box = await page.locator(".dag-screen").boundingBox();
    if (box === null) throw new Error("the graph has no place");
    await page.mouse.move(box.x + 300, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + 340, box.y + 60, { steps: 4 });
    await page.mouse.up();
    expect(await page.locator(".camera").getAttribute("transform")).not.toBe(before);
    expect(new URL(page.url()).search).toBe("");
  });

  test("leads back to any moment: the graph, the steps and the statechart show what was then", async () => {
    const { run, go } = await release();
    go();
    await board.until(run, "succeeded");
    await using visit = await board.visit(`/runs/${run}/events`);
    const { page } = visit;
    const list = page.getByRole("list", { name: "Events" });
    await page.getByRole("searchbox", { name: "Filter events" }).fill("unit_tests retrying");
    await list.getByRole("button").first().click();
    await eventually(() => expect(new URL(page.url()).searchParams.get("at")).toMatch(/^\d+$/));
    expect(await page.getByRole("region", { name: "Data of the event" }).textContent()).toContain('"exitCode": 75');
    await tab(page, "Graph").click();
    await eventually(async () => expect(await node(page, "unit_tests").getAttribute("data-family")).toBe("retrying"));
    expect(await node(page, "build").getAttribute("data-family")).toBe("pending");
    await tab(page, "Steps").click();
    const rows = page.getByRole("table", { name: "Steps" });
    await eventually(async () => expect(await rows.textContent()).toMatch(/retrying.*unit_tests/));
    await page.reload();
    await eventually(async () => expect(await rows.textContent()).toMatch(/retrying.*unit_tests/));
    await rows.locator('[data-key="unit_tests"]').click();
    await tab(page, "Statechart").click();
    const chart = page.getByRole("img", { name: /^Statechart of unit_tests/ });
    await chart.waitFor();
    expect(await chart.getAttribute("aria-label")).toBe("Statechart of unit_tests: retrying");
    expect(await chart.locator(".card.lit").getAttribute("data-state")).toBe("retrying");
    await page.getByRole("button", { name: "Close" }).click();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("l");
    await page.getByLabel("Actor").selectOption("The run");
    await eventually(async () =>
      expect(await page.getByRole("img", { name: /^Statechart of the run/ }).getAttribute("aria-label")).toBe(
        "Statechart of the run: succeeded",
      ),
    );
    expect(await scrubber(page).inputValue()).toBe(await scrubber(page).getAttribute("max"));
  });

  test("shows where the time went, with retries, and the items of a fan-out folded", async () => {
    const { run, go } = await release();
    go();
    await board.until(run, "succeeded");
    await using visit = await board.visit(`/runs/${run}/waterfall`);
    const { page } = visit;
    const steps = page.getByRole("list", { name: "Steps in time" });
    const line = (id: string) => steps.getByRole("listitem").filter({ has: page.getByRole("link", { name: id, exact: true }) });
    await line("unit_tests").waitFor();
    expect(await line("unit_tests").textContent()).toMatch(/runs .* \(attempt 1\), waits for a retry .*runs .* \(attempt 2\)/);
    expect(await steps.getByRole("listitem").count()).toBe(6);
    await page.getByRole("button", { name: "Items of regions" }).click();
    await eventually(async () => expect(await steps.getByRole("listitem").count()).toBe(9));
    await line("regions[us]").getByRole("link").click();
    await drawer(page, "regions[us]").getByText("deployed us", { exact: true }).waitFor();
    await eventually(async () => expect(await page.getByText("Speed-up").count()).toBe(1));
  });

  test("tells why a step failed, what it printed, and repeats the run from it", async () => {
    const run = await board.start(FAILING);
    await board.until(run, "failed");
    await using visit = await board.visit(`/runs/${run}/steps?step=parse`);
    const { page } = visit;
    const shown = drawer(page, "parse");
    await shown.getByRole("region", { name: "Error" }).getByText("EXIT_CODE").waitFor();
    // It printed nothing on stdout, so what it said on stderr is shown.
    await eventually(async () => expect(await shown.getByRole("log").textContent()).toContain("line 7: unexpected token"));
    expect(await shown.getByRole("region", { name: "Attempts" }).textContent()).toContain("failed");
    await shown.getByRole("button", { name: "Run again from here" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Start the new run" }).click();
    await page.waitForURL((url) => url.pathname.startsWith("/runs/run_") && !url.pathname.includes(run));
    await page.getByText("Fork from parse of").waitFor();
    await page.getByRole("link", { name: run.slice(-8) }).click();
    await page.waitForURL(`**/runs/${run}`);
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Retry" }).click();
    await page.waitForURL((url) => !url.pathname.includes(run));
    await page.getByText("retry of").waitFor();
  });

  test("pauses, resumes and cancels a run, and says why the rest cannot be done", async () => {
    const run = await board.start(ASKING);
    await board.until(run, "running.waiting");
    await using visit = await board.visit(`/runs/${run}`);
    const { page } = visit;
    const button = (name: string) => page.getByRole("button", { name, exact: true });
    await page.getByText("a person's approval").waitFor();
    expect(await page.getByRole("link", { name: "Decide", exact: true }).getAttribute("href")).toBe(`/approvals/${run}/sign_off`);
    expect(await button("Retry").getAttribute("aria-description")).toBe("The run has not ended.");
    await button("Pause").click();
    await page.getByRole("dialog").getByRole("button", { name: "Pause the run" }).click();
    await button("Resume").click();
    await button("Pause").waitFor();
    await button("Cancel").click();
    await page.getByRole("dialog").getByLabel("Reason").fill("enough");
    await page.getByRole("dialog").getByRole("button", { name: "Cancel the run" }).click();
    await eventually(async () => expect(await page.getByRole("heading", { level: 1 }).textContent()).toContain("canceled"));
    expect(await button("Cancel").getAttribute("aria-description")).toBe("The run has been canceled already.");
  });

  test("compares with another run of the workflow", async () => {
    const [left, right] = [await board.start(FAILING), await board.start(FAILING)];
    for (const run of [left, right]) await board.until(run, "failed");
    await using visit = await board.visit(`/runs/${left}/compare`);
    const { page } = visit;
    await page.getByLabel("Compare with").selectOption(right);
    await page.getByText("Same definition").waitFor();
    expect(new URL(page.url()).searchParams.get("with")).toBe(right);
    const table = page.getByRole("region", { name: "Figures of both runs" });
    expect(await table.getByRole("rowheader").allTextContents()).toEqual(expect.arrayContaining(["Elapsed", "Cost", "fetch ", "parse "]));
  });

  test("S-39: what a workflow or a program says is text, whatever it says", async () => {
    const run = await board.start(HOSTILE);
    await board.until(run, "succeeded");
    await using visit = await board.visit(`/runs/${run}/steps?step=print`);
    const { page } = visit;
    const log = drawer(page, "print").getByRole("log");
    await log.waitFor();
    const lines = await log.locator(".log-text").allTextContents();
    expect(lines).toEqual(['<img src=x onerror="window.hit=3">', "click", "dingdong red"]);
    expect(await log.locator(".ink-1.bold").textContent()).toBe("red");
    expect(await drawer(page, "print").getByText('<img src=x onerror="window.hit = 2">').count()).toBe(1);
    for (const name of ["Graph", "Waterfall", "Events", "Statechart"]) {
      await tab(page, name).click();
      await page.waitForURL(`**/${name.toLowerCase()}?step=print`);
    }
    expect(await page.locator("img[src=x]").count()).toBe(0);
    expect(await page.evaluate(() => (window as { hit?: number }).hit)).toBeUndefined();
    expect(await page.locator("a[href^='javascript']").count()).toBe(0);
  });

  test("reads a long log, and draws only what is seen of it", async () => {
    const run = await board.start(LONG);
    await board.until(run, "succeeded");
    await using visit = await board.visit(`/runs/${run}/steps?step=talk`);
    const { page } = visit;
    const section = drawer(page, "talk").getByRole("region", { name: "Log" });
    await section.getByText("20,000 lines").waitFor();
    const log = section.getByRole("log");
    expect(await log.locator(".log-line").count()).toBeLessThan(80);
    await log.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    await log.getByText("line 20000 of a long log that goes on and on").waitFor();
  });

  test("of a run that is not there it says so", async () => {
    await using visit = await board.visit(`/runs/run_${"0".repeat(32)}`);
    await visit.page.getByText("RUN_NOT_FOUND").waitFor();
    // Each of the questions that the page asks about it is one; the stream's may be answered last.
    await visit.page.waitForLoadState("networkidle");
    const others = visit.complaints.filter((text) => !/404/.test(text));
    visit.complaints.splice(0, visit.complaints.length, ...others);
  });
});
