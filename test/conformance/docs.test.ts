import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { COMMANDS } from "../../src/cli/command-table.ts";
import { check, compile } from "../../src/definition/index.ts";
import { modelSchemas } from "../../src/definition/model.generated.ts";
import { notYetKeys } from "../../src/definition/not-yet.ts";
import { createTroupe } from "../../src/main/create-troupe.ts";
import { declarationsOf } from "../../src/main/declarations.ts";

const stepTypes = declarationsOf([]);
const NEEDS_ALIASES = ["depends_on", "dependencies", "depends"];

const documents = globSync(["README.md", "docs/*.md", "examples/*/README.md"]).sort();
const language = readFileSync("docs/language.md", "utf8");

interface Block {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

function blocksOf(file: string, info: string): Block[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${info}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map((match) => ({
    file,
    line: text.slice(0, match.index).split("\n").length + 1,
    text: match[1] ?? "",
  }));
}

/** The text below a heading, up to the next one of any level. */
function sectionOf(title: string): string {
  const [, section] = language.split(new RegExp(`^#+ ${title}$`, "m"));
  return section?.split(/^#+ /m)[0] ?? "";
}

/** Names in the first column of the tables of a section. */
function keysOf(title: string): string[] {
  return [...sectionOf(title).matchAll(/^\| `([^`(]+)[^`]*` \|/gm)].map((match) => match[1] ?? "").sort();
}

function propertiesOf(schema: unknown): string[] {
  return Object.keys((schema as { readonly properties: object }).properties).sort(); // the schemas looked at have properties
}

/** Files that examples name, where there is none beside the page. */
const FILES: Readonly<Record<string, string>> = {
  "lib/release.troupe.yaml":
    "input: { version: string }\noutput: { url: 'https://example.org/{{ input.version }}' }\nsteps: [{ id: build, run: ./build }, { id: push, run: ./push, needs: build }]\n",
  "child.troupe.yaml": "input: { n: number }\nsteps: [{ id: a, run: 'echo {{ input.n }}' }]\n",
  "judge.md": "Judge what {{ run.workflow }} has changed.",
  "letter.md": "Dear {{ input.name }}",
};
const readFile = (path: string): string => FILES[path] ?? expect.fail(`there is no ${path}`);

describe("workflows in the documentation", () => {
  // Other YAML is about workflows, such as their tests.
  const blocks = documents.flatMap((file) => blocksOf(file, "yaml")).filter(({ text }) => /^(?:workflow_)?steps:/m.test(text));

  test("there are some", () => {
    expect(blocks.length).toBeGreaterThan(6);
  });

  test.each(blocks)("$file:$line is valid, without a warning", ({ file, text }) => {
    expect(check(text, { file, stepTypes, readFile }).findings.map(({ code, message, line }) => `${line}: ${code} ${message}`)).toEqual([]);
  });

  const forEditors = new Ajv({ strict: false, allErrors: true }).compile(
    JSON.parse(readFileSync("schema/workflow.v1.schema.json", "utf8")),
  );

  test.each(blocks.filter(({ text }) => !text.includes("workflow_steps")))(
    "$file:$line is what the published schema admits",
    ({ text }) => {
      forEditors(parse(text));
      expect(forEditors.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual([]);
    },
  );

  test("every workflow of the examples is valid, without a warning", () => {
    const files = globSync(["examples/*/*.troupe.yaml", "examples/*/*-design.json"]);
    expect(files.length).toBeGreaterThan(5);
    const findings = files.flatMap((file) => check(readFileSync(file, "utf8"), { file, stepTypes }).findings);
    expect(findings.map(({ file, line, message }) => `${file}:${line}: ${message}`)).toEqual([]);
  });
});

describe("docs/language.md has an example for", () => {
  const examples = blocksOf("docs/language.md", "yaml").map(
    ({ text }) => check(text, { file: "docs/language.md", stepTypes, readFile }).workflow,
  );
  const written = blocksOf("docs/language.md", "yaml").map(({ text }) => parse(text) as Record<string, unknown>);
  const steps = written.flatMap(({ steps: main = [], finally: last = [] }) => [main, last].flat() as Record<string, unknown>[]);
  const compiled = examples.flatMap((workflow) => workflow?.steps ?? []);

  test.each(Object.keys(modelSchemas.document.properties))("the document's `%s`", (key) => {
    expect(written.some((document) => key in document)).toBe(true);
  });

  test.each([...Object.keys(modelSchemas.step.properties), ...Object.keys(modelSchemas.include.properties), ...NEEDS_ALIASES])(
    "a step's `%s`",
    (key) => {
      expect(steps.some((step) => key in step)).toBe(true);
    },
  );

  test.each(stepTypes)("every field of $type", ({ type, properties }) => {
    const shown = new Set(compiled.filter((step) => step.type === type).flatMap(({ config }) => Object.keys(config)));
    const files = new Set(steps.flatMap((step) => Object.keys(step)));
    expect(Object.keys(properties).filter((key) => !shown.has(key) && !(key.endsWith("_file") && files.has(key)))).toEqual([]);
  });

  test.each([
    ["Catching failures", ["match", "do", "value", ...propertiesOf(ruleOf("match"))]],
    ["Caching", propertiesOf(modelSchemas.step.properties.cache)],
    ["Gates", propertiesOf(modelSchemas.step.properties.gate)],
    ["Isolation", propertiesOf(modelSchemas.step.properties.isolation)],
    ["Tools", propertiesOf(modelSchemas.step.properties.tool)],
    ["Risk", ["when", "score", "reason"]],
    ["Include", propertiesOf(modelSchemas.include)],
  ])("every key of %s, and lists it", (title, keys) => {
    expect(keysOf(title)).toEqual([...keys].sort());
    const text = JSON.stringify(written);
    expect(keys.filter((key) => !text.includes(`"${key}":`))).toEqual([]);
  });
});

/** A part of a rule of `catch`. */
function ruleOf(key: string): unknown {
  const items = modelSchemas.step.properties.catch?.items as { readonly properties: Readonly<Record<string, unknown>> } | undefined;
  return items?.properties[key];
}

describe("examples of docs/language.md that say so are run", () => {
  const runnable = [...language.matchAll(/^<!-- runnable: (\w+) -->\n```yaml\n([\s\S]*?)^```$/gm)].map(([, state = "", text = ""]) => ({
    state,
    text,
  }));

  test("there are some", () => {
    expect(runnable.length).toBeGreaterThan(0);
  });

  test.each(runnable)("example %#", async ({ state, text }) => {
    const folder = mkdtempSync(join(tmpdir(), "troupe-docs-"));
    try {
      await using troupe = await createTroupe({ state: join(folder, ".troupe") });
      const run = await troupe.run(compile(text, { file: "docs/language.md", stepTypes }));
      expect((await run.result()).state).toBe(state);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("docs/language.md lists exactly what the language has", () => {
  const { document, step } = modelSchemas;

  test("fields of a document", () => {
    expect(keysOf("Document")).toEqual(propertiesOf(document));
  });

  test("fields of every step", () => {
    expect(keysOf("Steps")).toEqual([...propertiesOf(step), ...NEEDS_ALIASES].sort());
  });

  test("fields of time limits, retries and costs", () => {
    expect(keysOf("Time limits")).toEqual(propertiesOf(step.properties.timeout));
    expect(keysOf("Retries")).toEqual(propertiesOf(step.properties.retry));
    expect(keysOf("Costs")).toEqual(propertiesOf(step.properties.cost));
  });

  test("step types", () => {
    const types = [...language.matchAll(/^### (\w+)$/gm)].map((match) => match[1] ?? "").filter((title) => /^[a-z]/.test(title));
    expect(types.sort()).toEqual(stepTypes.map(({ type }) => type).sort());
  });

  test.each(stepTypes)("fields of $type", ({ type, properties }) => {
    const listed = keysOf(type).filter((key) => !key.startsWith("TROUPE_"));
    expect(listed).toEqual(Object.keys(properties).sort());
  });

  test("what this version lacks", () => {
    const listed = [...sectionOf("Not in this version").matchAll(/`(\w+)`/g)].map((match) => match[1] ?? "");
    expect([...new Set(listed)].sort()).toEqual([...new Set([...notYetKeys.document, ...notYetKeys.step])].sort());
  });
});

test("every command that a page names exists", () => {
  const known = new Set(COMMANDS.map(({ name }) => name));
  const named = documents.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/(?:`|\$ |^|npx )troupe ([a-z]+)/gm)].map(([, name = ""]) => ({ file, name })),
  );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ name }) => !known.has(name))).toEqual([]);
});

describe("links in the documentation", () => {
  test("every relative link leads to a file, and to a heading where it names one", () => {
    const broken = documents.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(([, path = "", anchor]) => {
        const target = path === "" ? file : new URL(path, `file:///${file}`).pathname.slice(1);
        if (globSync(target).length === 0) return [`${file}: ${path}`];
        if (anchor === undefined || !target.endsWith(".md")) return [];
        return anchorsOf(target).includes(anchor) ? [] : [`${file}: ${path}#${anchor}`];
      }),
    );
    expect(broken).toEqual([]);
  });
});

/** As GitHub makes them from headings. */
function anchorsOf(file: string): string[] {
  return [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? "")
      .toLowerCase()
      .replace(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
