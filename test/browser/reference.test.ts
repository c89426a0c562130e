/** `/docs` as a person meets it: offline, under its own content policy, with the document of this very server. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasChromium } from "./chromium.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { takePicture, visitOptions } from "./looks.ts";

const LOOK = ["light", "wide"] as const;

describe.runIf(hasChromium)("the API's reference", () => {
  let board: Dashboard;
  beforeAll(async () => {
    board = await openDashboard();
  }, 60_000);
  afterAll(() => board?.[Symbol.asyncDispose]());

  test("shows every operation to whoever is signed in, and opens one", async () => {
    await using visit = await board.visit("/docs", visitOptions(LOOK));
    const { page } = visit;
    await page.locator(".opblock").first().waitFor();
    const document = await page.request.get(`${board.url}/openapi.json`);
    const { paths } = (await document.json()) as { readonly paths: Readonly<Record<string, object>> };
    const operations = Object.values(paths).flatMap((path) => Object.keys(path));
    expect(await page.locator(".opblock").count()).toBe(operations.length);
    await page.getByText("Start a run", { exact: true }).first().click();
    await page.getByText("Request body").first().waitFor();
    expect([await page.title(), await page.locator("link[rel=icon]").getAttribute("type")]).toEqual(["Troupe API", "image/svg+xml"]);
    await takePicture(page, "reference", LOOK);
  });
});
