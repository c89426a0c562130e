/** Where people decide: approvals, and steps in quarantine. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { PendingDecision } from "../../src/contract/pending-decision.ts";
import type { QuarantinedView } from "../../src/contract/quarantined-view.ts";
import type { RunView } from "../../src/contract/run-view.ts";
import { runCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { hasChromium } from "./chromium.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { ASK, deploy, FOUR_EYES, forget, HELD, OTHERS } from "./dashboard-plant.ts";

let board: Dashboard;
const starts = async (workflow: string, input?: unknown): Promise<string> =>
  (await board.call<{ id: string }>("POST", "/runs", { workflow, ...(input !== undefined && { input }) })).id;
const show = (run: string) => board.call<RunView>("GET", `/runs/${run}`);
const pending = async (run: string) => (await board.call<readonly PendingDecision[]>("GET", "/approvals")).find((one) => one.run === run);
const held = () => board.call<readonly QuarantinedView[]>("GET", "/quarantine");
const untilAsked = (run: string) => eventually(async () => expect(await pending(run)).toBeDefined(), 20_000);
const button = (page: Page, name: string) => page.getByRole("article").getByRole("button", { name, exact: true });

describe.runIf(hasChromium)("approvals", () => {
  beforeAll(async () => {
    board = await openDashboard();
    await deploy(board, "ship", ASK);
    await deploy(board, "pay", FOUR_EYES);
    await deploy(board, "archive", OTHERS);
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  test("say that nothing waits, and show what comes without a reload", async () => {
    await using visit = await board.visit("/approvals");
    const { page } = visit;
    await page.getByText("Nothing waits for a decision").waitFor();
    const run = await starts("ship", { environment: "staging" });
    await page.getByRole("heading", { name: "Deploy 1.4.2 to staging?" }).waitFor();
    await button(page, "Reject").click();
    await eventually(async () => expect((await show(run)).state).toBe("failed"));
  });

  test("are decided with all that they are about in sight, and fields that fit", async () => {
    const run = await starts("ship");
    await untilAsked(run);
    const digest = (await pending(run))?.digest ?? "";
    await using visit = await board.visit(`/approvals/${run}/ask`);
    const { page } = visit;
    const article = page.getByRole("article");
    await article.getByRole("heading", { name: "Deploy 1.4.2 to production?" }).waitFor();
    expect(await article.textContent()).toMatch(/high.*score 80.*It is production.*production/);
    expect(await article.textContent()).toContain(digest.slice(0, 16));
    await article.getByText("The request as it is recorded").click();
    expect(JSON.parse((await article.getByRole("region", { name: "Request", exact: true }).textContent()) ?? "")).toMatchObject({
      run,
      step: "ask",
    });
    await button(page, "Approve").click();
    await eventually(async () => expect(await page.getByLabel(/^ticket/).getAttribute("aria-invalid")).toBe("true"));
    await page.getByLabel(/^ticket/).fill("seven");
    await page.getByLabel(/^Comment/).fill("checked with Bob");
    const sure = page.getByRole("dialog", { name: "Approve at high risk?" });
    await button(page, "Approve").click();
    await sure.getByRole("button", { name: "Approve" }).click();
    // The server's own words.
    await eventually(async () => expect(await article.locator(".field-problem").textContent()).toContain("seven"));
    forget(visit, /422/);
    await page.getByLabel(/^ticket/).fill("OPS-7");
    await button(page, "Approve").click();
    await sure.getByRole("button", { name: "Approve" }).click();
    await board.until(run, "succeeded");
    const { steps, output } = await show(run);
    expect(output).toEqual({ ticket: "OPS-7" });
    expect(steps[0]?.output).toMatchObject({ decision: "approved", by: "owner", comment: "checked with Bob" });
  });

  test("that are not one's own to decide say why, and stay undecided", async () => {
    const runs = [await starts("pay"), await starts("archive")];
    for (const run of runs) await untilAsked(run);
    await using visit = await board.visit(`/approvals/${runs[0]}/own`);
    const { page } = visit;
    await page.getByText("You started this run.").waitFor();
    expect(await button(page, "Approve").getAttribute("aria-disabled")).toBe("true");
    await button(page, "Approve").click({ force: true });
    await page.getByRole("link", { name: /May the archive be emptied/ }).click();
    await page.getByText("It asks records or eve. You are signed in as owner.").waitFor();
    await button(page, "Approve").click({ force: true });
    const viewer = await runCommand(["keys", "create", "vic", "--role", "viewer", "-o", "json"], { cwd: board.folder });
    await using other = await board.visit(`/approvals/${runs[0]}/own`, { token: (JSON.parse(viewer.stdout) as { token: string }).token });
    await other.page.getByText("A key with the role viewer may not decide approvals.").waitFor();
    for (const run of runs) expect((await pending(run))?.run).toBe(run);
  });

  test("that somebody else decides meanwhile tell who did", async () => {
    const run = await starts("ship", { environment: "staging" });
    await untilAsked(run);
    await using visit = await board.visit(`/approvals/${run}/ask`);
    const { page } = visit;
    await page.getByRole("heading", { name: "Deploy 1.4.2 to staging?" }).waitFor();
    const digest = (await pending(run))?.digest;
    await board.call("POST", `/approvals/${run}`, { decision: "rejected", digest, step: "ask", comment: "not on a Friday" });
    await page.getByRole("heading", { name: "This does not wait any more" }).waitFor();
    await eventually(async () => expect(await page.locator(".split-detail").textContent()).toMatch(/owner rejected it.*not on a Friday/));
  });
});

describe.runIf(hasChromium)("the quarantine", () => {
  beforeAll(async () => {
    board = await openDashboard();
    for (const name of ["payout", "refund"]) await deploy(board, name, HELD(name));
  });
  afterAll(() => board?.[Symbol.asyncDispose]());

  async function quarantined(workflow: string): Promise<string> {
    const run = await starts(workflow);
    await board.until(run, "quarantined");
    return run;
  }
  const decide = async (page: Page, way: string): Promise<void> => {
    await button(page, way).click();
    await page.getByRole("dialog").getByRole("button", { name: way }).click();
  };

  test("tells why a step is held, and lets it run again, be skipped, or fail", async () => {
    const [again, skipped, failed] = [await quarantined("payout"), await quarantined("payout"), await quarantined("payout")];
    await using visit = await board.visit(`/quarantine/${skipped}/transfer`);
    const { page } = visit;
    await page.getByText("the bank did not answer").waitFor();
    expect(await page.getByRole("article").textContent()).toMatch(/after 2 attempts/);
    await page.getByRole("link", { name: "What it printed" }).click();
    await page.locator(".log-line", { hasText: "the bank did not answer" }).waitFor();
    await page.goBack();
    await decide(page, "Skip it");
    await board.until(skipped, "(succeeded|failed)");
    expect((await show(skipped)).steps[0]?.state).toBe("skipped");

    await page.goto(`${board.url}/quarantine/${failed}/transfer`);
    await decide(page, "Let it fail");
    await board.until(failed, "failed");

    writeFileSync(join(board.folder, "well"), "");
    await page.goto(`${board.url}/quarantine/${again}/transfer`);
    await decide(page, "Run it again");
    await board.until(again, "succeeded");
    await page.goto(`${board.url}/quarantine/${again}/transfer`);
    await page.getByText("This step is not in quarantine").waitFor();
  });

  test("takes an output that is JSON in the place of the step's own", async () => {
    const { rmSync } = await import("node:fs");
    rmSync(join(board.folder, "well"), { force: true });
    const run = await quarantined("payout");
    await using visit = await board.visit("/quarantine");
    const { page } = visit;
    await button(page, "Give its output").click();
    const text = page.getByLabel("Output of the step, as JSON");
    await text.fill('{ "sum": ');
    await page.getByText(/It is no JSON/).waitFor();
    expect(await button(page, "Count it as succeeded").getAttribute("aria-disabled")).toBe("true");
    await text.fill('{ "sum": 12000 }');
    await button(page, "Count it as succeeded").click();
    await board.until(run, "succeeded");
    expect((await show(run)).steps[0]?.output).toEqual({ sum: 12000 });
    await page.getByText("Nothing is in quarantine").waitFor();
  });

  test("is left in bulk, by workflow", async () => {
    const refunds = [await quarantined("refund"), await quarantined("refund"), await quarantined("refund")];
    const other = await quarantined("payout");
    await using visit = await board.visit("/quarantine");
    const { page } = visit;
    await page
      .getByRole("group", { name: "Workflow" })
      .getByRole("button", { name: /^refund/ })
      .click();
    await page.getByRole("button", { name: "All 3" }).click();
    await page.getByText("3 selected").waitFor();
    await page.getByRole("button", { name: "Let it fail: 3 steps" }).click();
    const dialog = page.getByRole("dialog", { name: "Let it fail: 3 steps" });
    await dialog.getByLabel(/^Reason/).fill("the bank is closed");
    await dialog.getByRole("button", { name: "Let it fail" }).click();
    for (const run of refunds) await board.until(run, "failed");
    await page.getByText("3 steps failed.").waitFor();
    expect((await held()).map(({ run }) => run)).toEqual([other]);
  });
});
