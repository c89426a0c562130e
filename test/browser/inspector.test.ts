/** The inspector as a person meets it: the real command, its real page, a step that waits until the test lets it go on. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RunningCommand, startCommand } from "../support/command.ts";
import { eventually } from "../support/eventually.ts";
import { hasChromium, launch } from "./chromium.ts";

const WORKFLOW = `name: release
steps:
  - { id: checkout, type: shell, run: "true" }
  - { id: lint, type: shell, needs: [checkout], run: "true" }
  - id: unit_tests
    type: shell
    needs: [checkout]
    run: 'if [ ! -f tried ]; then touch tried; exit 75; fi'
    retry: { max: 3, base: 200ms, jitter: none }
  - { id: build, type: shell, needs: [lint, unit_tests], run: "until [ -f go ]; do sleep 0.05; done", timeout: 10m }
  - { id: publish, type: shell, needs: [build], run: "echo done" }
`;
/** Pictures of what was tested, for whoever wants to look. */
const PICTURES = "test/browser/pictures";

describe.runIf(hasChromium)("the inspector's page", () => {
  let browser: Browser;
  const folders: string[] = [];

  beforeAll(async () => {
    browser = await launch();
    mkdirSync(PICTURES, { recursive: true });
  });
  afterAll(async () => {
    await browser.close();
    for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  });

  /** Starts the workflow, which soon waits in `build`; `link` opens the page. */
  async function start(words: readonly string[] = []) {
    const folder = mkdtempSync(join(tmpdir(), "troupe-browser-"));
    folders.push(folder);
    writeFileSync(join(folder, "release.troupe.yaml"), WORKFLOW);
    const command = startCommand(["run", "release.troupe.yaml", "--inspect", ...words], { cwd: folder });
    return { folder, command, link: await linkOf(command), letGo: () => writeFileSync(join(folder, "go"), "") };
  }

  async function show(link: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
    const complaints: string[] = [];
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(link);
    await eventually(() => expect(complaints).toEqual([]));
    return page;
  }

  const inChart = (page: Page, selector: string) => page.getByRole("img", { name: /^Statechart/ }).locator(selector);
  const litState = (page: Page) => inChart(page, ".card.lit").getAttribute("data-state");
  const options = (page: Page) => page.getByRole("listbox").getByRole("option");
  const actor = (page: Page, name: string) => page.getByRole("option", { name: new RegExp(`^${name}\\b`) });
  const untilBuilding = (page: Page) => eventually(async () => expect(await actor(page, "build").textContent()).toMatch(/executing/));

  test("shows the run live, lights where each actor is and counts the ways that it took", async () => {
    const { command, link, letGo } = await start();
    const page = await show(link);
    await untilBuilding(page);
    expect(await litState(page)).toBe("running.executing");
    expect(new URL(page.url()).hash).toBe("");

    await actor(page, "unit_tests").click();
    await eventually(async () => expect(await litState(page)).toBe("succeeded"));
    const taken = await inChart(page, ".edge.taken").evaluateAll((edges) => edges.map((edge) => edge.getAttribute("data-edge")));
    expect(taken.toSorted()).toEqual([
      "pending.blocked step.ready pending.queued",
      "pending.queued attempt.start running.executing",
      "retrying xstate.after.backoff.step-v1.retrying running.waiting",
      "running attempt.failed retrying",
      "running attempt.succeeded succeeded",
      "running.waiting attempt.start running.executing",
    ]);
    const counts = await inChart(page, ".row.taken").evaluateAll((rows) => rows.map((row) => row.querySelector(".count")?.textContent));
    expect(counts).toEqual(["×1", "×1", "×1", "×1", "×1", "×1"]);
    expect(await inChart(page, ".edge.last").getAttribute("data-edge")).toBe("running attempt.succeeded succeeded");

    await actor(page, "build").click();
    await eventually(async () => expect(await litState(page)).toBe("running.executing"));
    letGo();
    await eventually(async () => expect(await litState(page)).toBe("succeeded"));
    expect((await command.ended).code).toBe(0);
    await eventually(async () => expect(await page.getByRole("status").first().textContent()).toBe("process ended"));
    await actor(page, "the run").click();
    await eventually(async () => expect(await litState(page)).toBe("succeeded"));
    await page.close();
  });

  test("travels through time, by the list, the keyboard and the slider, and comes back to now", async () => {
    const { link, command, letGo } = await start();
    const page = await show(link);
    await untilBuilding(page);
    const events = page.getByRole("complementary", { name: "Events" }).locator("button.event");
    await eventually(async () => expect(await page.locator("#when").textContent()).toMatch(/^\d+ \/ \d+ ·/));

    await actor(page, "unit_tests").click();
    await page.getByLabel("this actor only").check();
    const moves = await eventually(async () => {
      const texts = await events.locator("b").allTextContents();
      expect(texts).toHaveLength(6);
      return texts;
    });
    expect(moves).toEqual([
      "→ pending.queued",
      "→ running.executing",
      "→ retrying",
      "→ running.waiting",
      "→ running.executing",
      "→ succeeded",
    ]);

    await events.nth(2).click();
    await eventually(async () => expect(await litState(page)).toBe("retrying"));
    expect(await page.locator("#payload").textContent()).toContain('"exitCode": 75');
    expect(await actor(page, "build").textContent()).toContain("blocked");
    expect(await inChart(page, ".edge.taken").count()).toBe(3);
    expect(await page.getByRole("button", { name: "Back to live" }).getAttribute("aria-pressed")).toBe("false");

    await page.keyboard.press("ArrowUp");
    await eventually(async () => expect(await litState(page)).toBe("running.executing"));
    await eventually(async () => expect(await page.locator("button.event:focus b").textContent()).toBe("→ running.executing"));
    expect(await page.getByRole("img", { name: "Statechart of unit_tests: running.executing" }).count()).toBe(1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    await eventually(async () => expect(await litState(page)).toBe("running.waiting"));
    await page.getByLabel("Event that is looked at").fill("0");
    await eventually(async () => expect(await litState(page)).toBe("pending.queued"));

    letGo();
    await command.ended;
    expect(await litState(page)).toBe("pending.queued");
    await page.locator("body").press("l");
    await eventually(async () => expect(await litState(page)).toBe("succeeded"));
    await page.close();
  });

  test("finds actors by name and by state, and is driven by the keyboard", async () => {
    const { link, letGo, command } = await start();
    const page = await show(link);
    await untilBuilding(page);
    await page.locator("body").press("/");
    await page.keyboard.type("lin");
    await eventually(async () => expect(await options(page).count()).toBe(1));
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.press("Delete");
    await page.getByRole("button", { name: "3 succeeded" }).click();
    await eventually(async () => expect(await options(page).count()).toBe(3));
    await page.getByRole("button", { name: "3 succeeded" }).click();
    await actor(page, "the run").click();
    await actor(page, "the run").press("ArrowDown");
    await eventually(async () => expect(await page.locator("#chosen").textContent()).toBe("checkout"));
    await page.keyboard.press("End");
    await eventually(async () => expect(await page.locator("#chosen").textContent()).toBe("publish"));
    expect(await page.evaluate(() => document.activeElement?.getAttribute("data-actor"))).toBe("publish");
    expect(await litState(page)).toBe("pending.blocked");
    letGo();
    await command.ended;
    await page.close();
  });

  test("opens once with a link, again with its own token, and for nobody else", async () => {
    const { link, letGo, command } = await start();
    const page = await show(link);
    await untilBuilding(page);
    await page.reload();
    await untilBuilding(page);
    for (const secret of [link, link.replace(/ticket=.*/, "ticket=guess"), link.replace(/#.*/, "")]) {
      const stranger = await browser.newPage();
      await stranger.goto(secret);
      await eventually(async () => expect(await stranger.getByRole("alert").textContent()).toContain("has been used or is not known"));
      expect(await options(stranger).count()).toBe(0);
      await stranger.close();
    }
    await page.getByRole("button", { name: "Copy link" }).click();
    const copied = await eventually(async () => {
      const found = /http:\S+/.exec((await page.getByRole("alert").textContent()) ?? "")?.[0];
      if (found === undefined) throw new Error("no link yet");
      return found;
    });
    const second = await show(copied);
    await untilBuilding(second);
    await second.close();
    letGo();
    await command.ended;
    await page.close();
  });

  test("cannot be read or framed by a page from elsewhere", async () => {
    const { link, letGo, command } = await start();
    const context = await browser.newContext();
    const { origin, port } = new URL(link);
    await context.route("http://elsewhere.test/", (route) =>
      route.fulfill({ contentType: "text/html", body: `<iframe id="frame" src="${origin}/"></iframe>` }),
    );
    const page = await context.newPage();
    await page.goto("http://elsewhere.test/");
    const outcome = await page.evaluate(async (at) => {
      const socket = new WebSocket(`ws://127.0.0.1:${at}/inspect`, "troupe.inspect.v1");
      const opened = await new Promise((resolve) => {
        socket.onopen = () => resolve("opened");
        socket.onerror = () => resolve("refused");
      });
      const read = await fetch(`http://127.0.0.1:${at}/inspector.js`).then(
        () => "read",
        () => "refused",
      );
      return [opened, read];
    }, port);
    expect(outcome).toEqual(["refused", "refused"]);
    const frame = page.frames().find((one) => one !== page.mainFrame());
    expect(await frame?.evaluate(() => document.getElementById("actors") !== null).catch(() => false)).toBe(false);
    await context.close();
    letGo();
    await command.ended;
  });

  test("hands Stately's inspector, on a click, what it reads", async () => {
    const { link, letGo, command } = await start();
    const context = await browser.newContext();
    // In the place of Stately's page: what the receiver of its package does, and a list of what it got.
    const body = `<script>window.got = []; addEventListener("message", (event) => got.push(event.data)); opener.postMessage({ type: "@statelyai.connected" }, "*");</script>`;
    await context.route("https://stately.ai/**", (route) => route.fulfill({ contentType: "text/html", body }));
    const page = await context.newPage();
    await page.goto(link);
    await untilBuilding(page);
    const [popup] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: "Open in Stately" }).click()]);
    const got = () =>
      popup.evaluate(() => (window as unknown as { got: { type: string; name?: string; snapshot?: { value: unknown } }[] }).got);
    await eventually(async () => expect((await got()).filter(({ type }) => type === "@xstate.actor")).toHaveLength(6));
    expect((await got())[0]).toMatchObject({ name: "run-v1", snapshot: { value: { running: "executing" } } });
    letGo();
    await command.ended;
    await eventually(async () =>
      expect((await got()).at(-1)).toMatchObject({ type: "@xstate.snapshot", snapshot: { value: "succeeded", status: "done" } }),
    );
    await context.close();
  });

  test("shows a resumed run with all that was before", async () => {
    const { folder, link, command } = await start();
    const before = await show(link);
    await untilBuilding(before);
    command.child.kill("SIGTERM");
    expect((await command.ended).code).toBe(143);
    await before.close();
    const resumed = startCommand(["resume", "--inspect"], { cwd: folder });
    const page = await show(await linkOf(resumed));
    await untilBuilding(page);
    await actor(page, "unit_tests").click();
    await eventually(async () => expect(await inChart(page, ".edge.taken").count()).toBe(6));
    writeFileSync(join(folder, "go"), "");
    await eventually(async () => expect(await actor(page, "publish").textContent()).toContain("succeeded"));
    expect((await resumed.ended).code).toBe(0);
    await page.close();
  });

  test("shows a run that has ended, on request, until it is told to end", async () => {
    const { folder, command, letGo } = await start();
    letGo();
    await command.ended;
    const looking = startCommand(["inspect"], { cwd: folder });
    const page = await show(await linkOf(looking));
    await actor(page, "unit_tests").click();
    await eventually(async () => expect(await inChart(page, ".edge.taken").count()).toBe(6));
    await page.getByLabel("Event that is looked at").fill("0");
    await eventually(async () => expect(await litState(page)).toBe("pending.blocked"));
    looking.child.kill("SIGINT");
    expect((await looking.ended).code).toBe(0);
    await page.close();
  });

  test.each([
    ["light", 1280, 800],
    ["dark", 1280, 800],
    ["light", 800, 900],
  ] as const)("is legible in %s colours at %i × %i", async (colorScheme, width, height) => {
    const { link, letGo, command } = await start();
    const page = await show(link, { colorScheme, viewport: { width, height } });
    await untilBuilding(page);
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe(colorScheme);
    await actor(page, "unit_tests").click();
    await eventually(async () =>
      expect(await page.locator("#events-space").evaluate((space) => space.childElementCount)).toBeGreaterThan(0),
    );
    await eventually(async () => expect(await litState(page)).toBe("succeeded"));
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    expect(await page.evaluate(lowContrasts)).toEqual([]);
    await page.screenshot({ path: join(PICTURES, `${colorScheme}-${width}.png`) });
    letGo();
    await command.ended;
    await page.close();
  });

  test("keeps up with hundreds of steps", async () => {
    const folder = mkdtempSync(join(tmpdir(), "troupe-browser-"));
    folders.push(folder);
    const steps = Array.from({ length: 300 }, (_, index) => `  - { id: s${index}, type: assert, check: "1 == 1" }`);
    const last = `  - { id: last, type: shell, run: "until [ -f go ]; do sleep 0.05; done" }`;
    writeFileSync(join(folder, "many.troupe.yaml"), ["name: many", "steps:", ...steps, last, ""].join("\n"));
    const command = startCommand(["run", "many.troupe.yaml", "--inspect"], { cwd: folder });
    const page = await show(await linkOf(command));
    await eventually(async () => expect(await page.getByRole("button", { name: "300 succeeded" }).count()).toBe(1), 20_000);
    expect(await options(page).count()).toBe(302);
    // Of nine hundred events only those in sight are in the page.
    expect(await page.locator("button.event").count()).toBeLessThan(50);
    writeFileSync(join(folder, "go"), "");
    expect((await command.ended).code).toBe(0);
    await page.close();
  });
});

async function linkOf(command: RunningCommand): Promise<string> {
  const seen: string[] = [];
  for (const stream of [command.child.stdout, command.child.stderr]) stream?.on("data", (part) => seen.push(String(part)));
  return await eventually(() => {
    const link = /(http:\/\/127\S+)/.exec(seen.join(""))?.[1];
    if (link === undefined) throw new Error(`no link in ${seen.join("")}`);
    return link;
  }, 20_000);
}

/** Runs in the page: texts whose colour is closer to their ground than 4.5 to 1 (WCAG AA). */
function lowContrasts(): readonly string[] {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour: string): readonly number[] => {
    if (canvas === null) return [];
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([red = 0, green = 0, blue = 0]: readonly number[]): number => {
    const linear = [red, green, blue].map((value) =>
      value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * (linear[0] ?? 0) + 0.7152 * (linear[1] ?? 0) + 0.0722 * (linear[2] ?? 0);
  };
  const groundOf = (element: Element | null): readonly number[] => {
    for (let at = element; at !== null; at = at.parentElement) {
      const ground = channels(getComputedStyle(at).backgroundColor);
      if (ground[3] === 255) return ground;
    }
    return [255, 255, 255];
  };
  const texts = [
    ...document.querySelectorAll(
      "h1, h1 span, h2, h3, label, label span, button, select, .badge, .actor-name, .seq, .what, .what b, time, pre, output, #health, text",
    ),
  ];
  return texts.flatMap((element) => {
    if (element.getClientRects().length === 0 || element.textContent?.trim() === "") return [];
    const isDrawn = element instanceof SVGElement;
    const grounds = [...document.querySelectorAll<SVGElement>(".ground")];
    const middle = element.getBoundingClientRect();
    const below = isDrawn
      ? grounds.findLast((ground) => {
          const box = ground.getBoundingClientRect();
          return box.left <= middle.left && middle.right <= box.right + 1 && box.top <= middle.top + 2 && middle.bottom <= box.bottom + 2;
        })
      : undefined;
    const style = getComputedStyle(element);
    const ink = luminance(channels(isDrawn ? style.fill : style.color));
    const ground = luminance(below === undefined ? groundOf(element) : channels(getComputedStyle(below).fill));
    const ratio = (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
    return ratio >= 4.5 ? [] : [`${element.textContent?.trim().slice(0, 30)} ${ratio.toFixed(2)}`];
  });
}
