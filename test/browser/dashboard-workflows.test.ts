/** Workflows in the dashboard: looked at, started, written, deployed. */
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunPage } from "../../src/contract/run-summary.ts";
import type { RunView } from "../../src/contract/run-view.ts";
import type { WorkflowView } from "../../src/contract/workflow-view.ts";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { deploy, forget, NIGHTLY } from "./dashboard-plant.ts";

const editor = (page: Page) => page.getByRole("textbox", { name: /^Text of / });
/** All of it is replaced. */
async function write(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("ControlOrMeta+a");
  await page.keyboard.press("Delete");
  // As if it were pasted: nothing is completed or indented.
  await page.keyboard.insertText(text);
}

describe.runIf(hasChromium)("workflows", () => {
  let board: Dashboard;
  beforeAll(async () => {
    board = await openDashboard();
    for (const word of ["one", "two"]) await deploy(board, "nightly", NIGHTLY(word));
    await deploy(board, "plain", `name: plain\nsteps:\n  - { id: only, run: "true", timeout: 5s }\n`);
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  const runsOf = async (workflow: string) => (await board.call<RunPage>("GET", `/runs?workflow=${workflow}`)).runs;
  const sourceOf = async (name: string) => (await board.call<WorkflowView>("GET", `/workflows/${name}`)).source;

  test("are listed with steps, versions and last run, found by name, and walked with the keys", async () => {
    await using visit = await board.visit("/workflows");
    const { page } = visit;
    const rows = page.getByRole("table", { name: "Workflows" }).getByRole("row");
    await eventually(async () =>
      expect(await rows.allTextContents()).toEqual(expect.arrayContaining([expect.stringMatching(/^nightly.*42never run/)])),
    );
    await page.keyboard.press("/");
    await page.keyboard.type("plai");
    await eventually(async () => expect(await rows.count()).toBe(2));
    expect(new URL(page.url()).search).toBe("?q=plai");
    await page.keyboard.press("Escape");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.waitForURL("**/workflows/plain");
    await page.keyboard.press("g");
    await page.keyboard.press("w");
    await page.waitForURL("**/workflows");
  });

  test("have a plan for as many workers as one asks about, retries, and a graph", async () => {
    await using visit = await board.visit("/workflows/nightly/plan");
    const { page } = visit;
    const lint = page.getByRole("row", { name: /lint after/ });
    expect(await lint.textContent()).toContain("8.0s");
    expect(await page.getByRole("row", { name: /unit after/ }).textContent()).toContain("critical");
    const time = () => page.locator(".plan-main").textContent();
    const many = await time();
    await page.getByRole("slider", { name: /Workers/ }).fill("1");
    await eventually(async () => expect(await time()).not.toBe(many));
    expect(new URL(page.url()).search).toBe("?workers=1");
    await page.getByRole("link", { name: "Retries" }).click();
    expect(await page.getByRole("row", { name: /unit/ }).textContent()).toContain("4exponential1.0s, 2.0s, 4.0stransient, timeoutfail");
    await page.getByRole("link", { name: "Overview" }).click();
    await page.locator("[data-node=build]").click();
    expect(await page.getByLabel("Step build").textContent()).toMatch(/Waits for\s*lint, unit/);
    expect(new URL(page.url()).search).toBe("?step=build");
  });

  test("show what differs between two of their versions", async () => {
    await using visit = await board.visit("/workflows/nightly/versions");
    const { page } = visit;
    const difference = page.getByRole("figure");
    await eventually(async () => expect(await difference.textContent()).toContain("1 line added, 1 line removed"));
    expect(await page.locator(".diff-line.removed").textContent()).toContain("echo one");
    expect(await page.locator(".diff-line.added").textContent()).toContain("echo two");
    await page.getByRole("radio", { name: /^To/ }).nth(1).check();
    await page.getByRole("radio", { name: /^From/ }).nth(0).check();
    await eventually(async () => expect(await page.locator(".diff-line.added").textContent()).toContain("echo one"));
    await page.getByRole("link", { name: /^Open/ }).click();
    await eventually(async () => expect(await editor(page).textContent()).toContain("echo one"));
  });

  test("are started with a form that their input's schema describes, once by two clicks", async () => {
    await using visit = await board.visit("/workflows/nightly");
    const { page } = visit;
    await page.getByRole("heading", { name: "Latest runs" }).waitFor();
    await page.keyboard.press("s");
    await page.waitForURL("**/start");
    const form = page.getByRole("form", { name: "Start nightly" });
    // In the order of their author, the needed ones marked.
    await eventually(async () =>
      expect(await form.locator(":is(label, legend)").allTextContents()).toEqual(
        expect.arrayContaining([expect.stringMatching(/^load/), expect.stringMatching(/^name.*needed/)]),
      ),
    );
    await form.getByRole("button", { name: "Start" }).click();
    await eventually(async () => expect(await page.getByLabel(/^load/).getAttribute("aria-invalid")).toBe("true"));
    expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-invalid"))).toBe("true");
    await page.getByLabel(/^load/).fill("700");
    await page.getByLabel(/^name/).fill("hall");
    await form.getByRole("button", { name: "Start" }).click();
    await eventually(async () => expect(await form.textContent()).toContain("It is 500 at most."));
    await page.getByLabel(/^load/).fill("70");
    // The page does not judge patterns; the server does, and its words stand at the field.
    await form.getByRole("button", { name: "Start" }).click();
    await eventually(async () => expect(await page.getByLabel(/^name/).getAttribute("aria-invalid")).toBe("true"));
    forget(visit, /422/);
    await page.getByLabel(/^name/).fill("Hall");
    await page.getByLabel("grade").selectOption("C30");
    await page.getByLabel(/^dry/).check();
    await page.getByRole("button", { name: "Remove piles 1" }).click();
    await page.getByRole("button", { name: "Add piles" }).click();
    await page.getByLabel(/^piles 2/).fill("7.5");
    const start = form.getByRole("button", { name: "Start" });
    await start.evaluate((button: HTMLElement) => {
      button.click();
      button.click();
    });
    await page.waitForURL("**/runs/run_*");
    const runs = await runsOf("nightly");
    expect(runs).toHaveLength(1);
    await board.until(runs[0]?.id ?? "", "succeeded");
    const { input, output } = await board.call<RunView>("GET", `/runs/${runs[0]?.id}`);
    expect(input).toEqual({ load: 70, site: { name: "Hall" }, grade: "C30", piles: [2, 7.5], dry: true });
    expect(output).toMatchObject({ said: expect.stringContaining("Hall") });
  });

  test("are started with JSON too, and a link fills it in", async () => {
    const input = { load: 3, site: { name: "Link" } };
    await using visit = await board.visit(`/workflows/nightly/start?input=${encodeURIComponent(JSON.stringify(input))}`);
    const { page } = visit;
    await eventually(async () => expect(await page.getByLabel(/^name/).inputValue()).toBe("Link"));
    await page.getByRole("button", { name: "JSON" }).click();
    const text = page.getByRole("textbox", { name: "input as JSON" });
    expect(JSON.parse(await text.inputValue())).toEqual(input);
    await text.fill("{ broken");
    await page.getByRole("form").getByRole("button", { name: "Start" }).click();
    await eventually(async () => expect(await page.getByRole("form").getByRole("alert").textContent()).toContain("It is no JSON"));
    await text.fill(JSON.stringify({ ...input, load: 0 }));
    await page.getByRole("form").getByRole("button", { name: "Start" }).click();
    await eventually(async () => expect(await page.getByRole("form").textContent()).toContain("input.load"));
    forget(visit, /422/);
    expect((await runsOf("nightly")).some(({ state }) => state !== "succeeded")).toBe(false);
  });

  test("are edited with completion and with mistakes shown in place, and deployed after a look at what differs", async () => {
    await using visit = await board.visit("/workflows/plain/source");
    const { page } = visit;
    await editor(page).waitFor();
    await write(page, `name: plain\nsteps:\n  - { id: only, run: "true", timeout: 5s, nedes: [x] }\n`);
    await eventually(async () => expect(await page.getByRole("list", { name: "Findings" }).textContent()).toMatch(/nedes.*needs/));
    expect(await page.locator(".cm-lintRange-error").count()).toBeGreaterThan(0);
    expect(await page.getByRole("button", { name: "Deploy changes" }).getAttribute("aria-disabled")).toBe("true");
    await page.getByRole("button", { name: "line 3" }).first().click();
    expect(await page.locator(".cm-activeLine").textContent()).toContain("nedes");

    await write(page, "name: plain\nsteps:\n  - id: only\n    ");
    // Faster than anybody types: nothing of it is lost or comes twice.
    await page.keyboard.type("ty");
    await page.getByRole("option", { name: "type", exact: true }).click();
    await page.keyboard.type("shel");
    await page.getByRole("option", { name: "shell", exact: true }).click();
    await page.keyboard.insertText('\n    run: "echo new"\n    timeout: 5s\n');
    await eventually(async () =>
      expect(await page.getByRole("button", { name: "Deploy changes" }).getAttribute("aria-disabled")).toBeNull(),
    );
    await page.keyboard.press("ControlOrMeta+s");
    const dialog = page.getByRole("dialog", { name: "Deploy plain?" });
    expect(await dialog.locator(".diff-line.added").allTextContents()).toEqual(
      expect.arrayContaining([expect.stringContaining("type: shell")]),
    );
    await dialog.getByRole("button", { name: "Deploy" }).click();
    await eventually(async () => expect(await sourceOf("plain")).toContain("type: shell"));
    await page.getByText(/is deployed/).waitFor();
  });

  test("that somebody else has changed meanwhile are not overwritten without a word", async () => {
    await using visit = await board.visit("/workflows/plain/source");
    const { page } = visit;
    await editor(page).waitFor();
    const text = (word: string) => `name: plain\nsteps:\n  - { id: only, run: "echo ${word}", timeout: 5s }\n`;
    await write(page, text("mine"));
    await deploy(board, "plain", text("theirs"));
    await eventually(async () =>
      expect(await page.getByRole("button", { name: "Deploy changes" }).getAttribute("aria-disabled")).toBeNull(),
    );
    await page.getByRole("button", { name: "Deploy changes" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deploy" }).click();
    const conflict = page.getByRole("dialog", { name: "plain has changed meanwhile" });
    await eventually(async () => expect(await conflict.locator(".diff-line.removed").textContent()).toContain("theirs"));
    forget(visit, /412/);
    expect(await sourceOf("plain")).toContain("theirs");
    await conflict.getByRole("button", { name: "Deploy mine over it" }).click();
    await eventually(async () => expect(await sourceOf("plain")).toContain("mine"));
  });

  test("are begun from a template", async () => {
    await using visit = await board.visit("/workflows");
    const { page } = visit;
    await page.getByRole("button", { name: "New workflow" }).click();
    await page.getByRole("button", { name: "With approval" }).click();
    await eventually(async () => expect(await editor(page).textContent()).toContain("type: approval"));
    await page.getByRole("button", { name: "Deploy ask-first" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deploy" }).click();
    await page.waitForURL("**/workflows/ask-first");
    // A second one of the same name is no new one.
    await page.goto(`${board.url}/workflows/+new?template=approval`);
    await page.getByRole("button", { name: "Deploy ask-first" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Deploy" }).click();
    await page.getByRole("dialog", { name: "ask-first has changed meanwhile" }).waitFor();
    forget(visit, /412/);
  });
});
