/** How the dashboard looks, and what keeps people from using it. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import type { VisitOptions } from "./dashboard.ts";

/** Pictures of what was tested, for whoever wants to look. */
const PICTURES = "test/browser/pictures";
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 380, height: 800 } } as const;

/** How people see the dashboard. */
export const LOOKS = (["light", "dark"] as const).flatMap((colours) =>
  (["wide", "phone"] as const).map((size) => [colours, size] as const),
);
export type Look = (typeof LOOKS)[number];

export const visitOptions = ([colorScheme, size]: Look): VisitOptions => ({ colorScheme, viewport: SIZES[size], reducedMotion: "reduce" });

/** For whoever wants to look. */
export async function takePicture(page: Page, name: string, look: Look): Promise<void> {
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `dashboard-${name}-${look.join("-")}.png`) });
}

/** What is in the way of whoever looks at the page: serious findings of axe, and content that is wider than the screen. Takes a picture. */
export async function findObstacles(page: Page, name: string, look: Look): Promise<readonly string[]> {
  await takePicture(page, name, look);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const found = grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`)}`);
  const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  return [...found, ...(isTooWide ? ["too wide"] : [])].map((text) => `${name}: ${text}`);
}
