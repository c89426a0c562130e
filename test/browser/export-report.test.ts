/** The report of an export as a person meets it: opened from a disk, with no server and no script. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import AxeBuilder from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runToEnd } from "../integration/cli/spawned.ts";
import { hasChromium, launch } from "./chromium.ts";

const WORKFLOW = `name: release
title: Release of the shop
input: { version: { type: string, default: "1.2 <b onclick=alert(1)>" } }
steps:
  - { id: checkout, run: sleep 0.2 }
  - { id: lint, needs: [checkout], run: "sleep 0.1; echo 3 warnings" }
  - { id: unit_tests, title: Unit tests, needs: [checkout], run: 'if [ ! -f tried ]; then touch tried; exit 75; fi; sleep 0.2', retry: { max: 3, base: 100ms, jitter: none } }
  - { id: regions, needs: [lint], for_each: [eu-west, us-east, ap-south], key: "{{ item.value }}", run: "sleep 0.1; echo {{ item.value }}" }
  - id: package
    needs: [unit_tests, regions]
    run: |
      echo "packing {{ input.version }}"
      echo "error: the registry said no <script>alert(1)</script>" >&2
      exit 4
  - { id: publish, needs: [package], run: "true" }
`;
/** Pictures of what was tested, for whoever wants to look. */
const PICTURES = "test/browser/pictures";

describe.runIf(hasChromium)("the report of an export", () => {
  let browser: Browser;
  let folder: string;

  beforeAll(async () => {
    browser = await launch();
    mkdirSync(PICTURES, { recursive: true });
    folder = mkdtempSync(join(tmpdir(), "troupe-report-"));
    writeFileSync(join(folder, "release.troupe.yaml"), WORKFLOW);
    for (const words of [
      ["run", "release.troupe.yaml"],
      ["export", "--to", "out"],
    ])
      await runToEnd(words, { cwd: folder });
  });
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function show(
    options: BrowserContextOptions = {},
  ): Promise<{ readonly page: Page; readonly requests: readonly string[]; readonly complaints: readonly string[] }> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    const [requests, complaints]: [string[], string[]] = [[], []];
    page.on("request", (request) => requests.push(request.url()));
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(join(folder, "out/report.html")).href);
    return { page, requests, complaints };
  }

  test("asks for nothing but itself, runs nothing, and keeps to its own policy", async () => {
    const { page, requests, complaints } = await show();
    expect(requests).toHaveLength(1);
    expect(complaints).toEqual([]);
    expect(await page.locator("script, [onclick]").count()).toBe(0);
    await expect(page.getByRole("heading", { level: 1 }).textContent()).resolves.toBe("release failed");
    // The style sheet is in force, so its digest is the one that the policy names.
    expect(await page.locator("main").evaluate((main) => getComputedStyle(main).maxWidth)).toBe("1240px");
  });

  test("tells what went wrong first, and leads to what was printed", async () => {
    const { page } = await show();
    const card = page.locator("section.card");
    expect(await card.textContent()).toContain("the registry said no <script>alert(1)</script>");
    await page
      .getByRole("row", { name: /^package/ })
      .getByRole("link", { name: "stderr" })
      .click();
    expect(await page.locator("body").textContent()).toContain("the registry said no");
  });

  test.each([
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { colorScheme: "light", viewport: { width: 380, height: 800 } }],
  ] as const)("can be used by everybody: %s", async (name, options) => {
    const { page } = await show(options);
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
    await page.screenshot({ path: join(PICTURES, `export-report-${name}.png`), fullPage: true });
  });
});
