/**
 * Writes `observability/inspector/page.generated.ts`: the inspector's page as three texts. So it comes with `tsc` into the package, is
 * served without a file being read, and needs no bundler where Troupe is installed.
 */
import { readFileSync } from "node:fs";
import { rolldown } from "rolldown";
import { emitFile } from "./generated-file.ts";

const SOURCE = "observability/inspector-page";

/** What lays out the page for small windows comes last. */
const STYLES = ["web/look/colours.css", "web/look/chart.css", `${SOURCE}/events.css`, `${SOURCE}/page.css`];

async function bundled(): Promise<string> {
  const build = await rolldown({ input: `${SOURCE}/main.ts`, platform: "browser", tsconfig: `${SOURCE}/tsconfig.json` });
  const { output } = await build.generate({ format: "esm", minify: true, comments: false });
  await build.close();
  const [main, ...others] = output;
  if (others.length > 0) throw new Error(`the page has more than one script: ${others.map(({ fileName }) => fileName).join(", ")}`);
  return main.code;
}

const page = {
  html: readFileSync(`${SOURCE}/index.html`, "utf8"),
  css: STYLES.map((name) => readFileSync(name, "utf8")).join("\n"),
  js: await bundled(),
};
const members = Object.entries(page).map(([name, text]) => `  ${name}: ${JSON.stringify(text)},`);
const lines = [
  `// Generated from ${SOURCE}/ by \`npm run generate\`.`,
  'export const PAGE: Readonly<Record<"html" | "css" | "js", string>> = {',
  ...members,
  "};",
  "",
];
emitFile("observability/inspector/page.generated.ts", lines.join("\n"));
