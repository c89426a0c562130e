/** The Chromium of this machine. Browser tests bring none of their own: without one they say so and are left out. */
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";

export const hasChromium = existsSync(executablePath);
if (!hasChromium)
  process.stderr.write(`\nLEFT OUT: there is no ${executablePath} (set CHROMIUM), so nothing in test/browser is proved by this run.\n\n`);

/** Root may not use Chromium's own sandbox; what is shown here is our own page. */
export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}
