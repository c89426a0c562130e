import { describe, expect, test } from "vitest";
import { buildWorkflow, type StepSpec, type WorkflowSpec } from "../../test/support/workflow-builder.ts";
import { drawGraph, GRAPH_FORMATS, type GraphFormat } from "./draw.ts";
import { toDrawing } from "./drawing.ts";
import { lookOf } from "./looks.ts";
import { plan } from "./plan.ts";

function draw(format: GraphFormat, specs: readonly StepSpec[], differs?: WorkflowSpec, states?: ReadonlyMap<string, string>): string {
  const workflow = buildWorkflow(specs, differs);
  return drawGraph(format, toDrawing(workflow, plan(workflow, { workers: 2 }), states));
}

const release: StepSpec[] = [
  { id: "build", durationMs: 2_000 },
  { id: "lint", touches: ["src"] },
  { id: "test", needs: [{ step: "build", field: "with.dir", text: "$build.dir" }], touches: ["src/**"] },
  { id: "docs", needs: ["lint"], type: "template", durationMs: 10 },
];

describe("DOT", () => {
  test("has a node for each step, an edge for each need, the critical path in bold", () => {
    expect(draw("dot", release)).toBe(`digraph "sample" {
  graph [rankdir=LR, ranksep=0.7, nodesep=0.25, bgcolor="transparent"];
  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11, margin="0.14,0.08"];
  edge [color="#7d8590", arrowsize=0.7];
  n0 [label="build\\nshell · 2.0 s", tooltip="build", fillcolor="#f6f8fa", color="#d9480f", penwidth=2.2];
  n1 [label="lint\\nshell · 1.0 s", tooltip="lint", fillcolor="#f6f8fa", color="#8c959f"];
  n2 [label="test\\nshell · 1.0 s", tooltip="test", fillcolor="#f6f8fa", color="#d9480f", penwidth=2.2];
  n3 [label="docs\\ntemplate · 10 ms", tooltip="docs", fillcolor="#f6f8fa", color="#8c959f"];
  n0 -> n2 [color="#d9480f", penwidth=2.2];
  n1 -> n3;
  n1 -> n2 [dir=none, style=dashed, constraint=false, tooltip="never at the same time"];
}
`);
  });
});

describe("Mermaid", () => {
  test("has a node for each step, an edge for each need, and styles last", () => {
    expect(draw("mermaid", release)).toBe(`flowchart LR
  n0["build<br/>shell · 2.0 s"]:::pending
  n1["lint<br/>shell · 1.0 s"]:::pending
  n2["test<br/>shell · 1.0 s"]:::pending
  n3["docs<br/>template · 10 ms"]:::pending
  n0 --> n2
  n1 --> n3
  n1 -. never together .- n2
  classDef pending fill:#f6f8fa,stroke:#8c959f,color:#1f2328
  classDef critical stroke-width:3px
  class n0,n2 critical
  linkStyle 0 stroke:#d9480f,stroke-width:3px
`);
  });

  test("no steps are an empty chart", () => {
    expect(draw("mermaid", [])).toBe("flowchart LR\n");
  });
});

describe("JSON", () => {
  test("names the steps of edges and conflicts", () => {
    const graph = JSON.parse(draw("json", release, { title: "Release" }, new Map([["build", "running"]])));
    expect(graph).toMatchObject({ workflow: "sample", title: "Release", conflicts: [["lint", "test"]] });
    expect(graph.steps[0]).toEqual({
      id: "build",
      title: "",
      type: "shell",
      wave: 1,
      critical: true,
      estimateMs: 2_000,
      slackMs: 0,
      state: "running",
    });
    expect(graph.edges).toMatchObject([
      { from: "build", to: "test", critical: true, because: [{ field: "with.dir", text: "$build.dir" }] },
      { from: "lint", to: "docs", critical: false },
    ]);
  });
});

describe("SVG", () => {
  test("says in words what it shows", () => {
    const svg = draw("svg", release, { title: "Release" }, new Map([["build", "running.executing"]]));
    expect(svg).toContain("<title>Release</title>");
    expect(svg).toContain("<desc>4 steps in 2 waves · critical path 3.0 s · 3.0 s with 2 workers (1.3×)</desc>");
    expect(svg).toContain("shell · 2.0 s · running</text>");
    expect(svg).toContain("needs build (with.dir)\nnever together with lint</title>");
    expect(svg).toContain("<title>lint\nslack 2.0 s\nnever together with test</title>");
  });

  test("a plan with one worker claims no gain", () => {
    const workflow = buildWorkflow([{ id: "only", title: "The one" }]);
    const svg = drawGraph("svg", toDrawing(workflow, plan(workflow, { workers: 1 })));
    expect(svg).toContain("<desc>1 step in 1 wave · critical path 1.0 s · 1.0 s with 1 worker</desc>");
    expect(svg).toContain("<title>only: The one\nno slack</title>");
  });

  test("a line leaves a short box level to the end of its column, and crosses a column level", () => {
    const svg = draw("svg", [{ id: "a" }, { id: "a_much_longer_name" }, { id: "b", needs: ["a"] }, { id: "c", needs: ["a", "b"] }]);
    expect(svg).toMatch(/M110 [\d.]+H169C/);
    expect(svg).toMatch(/C[\d. ]+H\d/);
  });

  test("long names lose their middle, long lists their end", () => {
    const many = Array.from({ length: 25 }, (_, index) => ({ id: `s${index}` }));
    const svg = draw("svg", [...many, { id: `a${"x".repeat(60)}z`, needs: many.map(({ id }) => id) }]);
    expect(svg).toMatch(/>ax{14}…x{13}z<\/text>/);
    expect(svg).toContain("s19 (needs[19]) and 5 more");
  });

  test("wide characters make wide boxes, and skipped steps are dashed", () => {
    const svg = draw("svg", [{ id: "設計設計設計設計設計設計" }], {}, new Map([["設計設計設計設計設計設計", "skipped"]]));
    expect(Number(/<rect width="(\d+)"/.exec(svg)?.[1])).toBeGreaterThan(200);
    expect(svg).toContain("stroke-dasharray");
  });
});

describe("every format", () => {
  const hostile = `x"]</text><script>alert(1)</script>\\N\n%%{init: {}}%%\u202egnp.exe\u0000\ud800&lt;'`;

  test.each(GRAPH_FORMATS)("%s keeps hostile names as text", (format) => {
    const title = `${hostile}${"y".repeat(500)}`;
    const drawn = draw(
      format,
      [
        { id: hostile, type: hostile, title },
        { id: "b", needs: [{ step: hostile, field: hostile, text: hostile }] },
      ],
      { name: hostile, title },
      new Map([["b", hostile]]),
    );
    expect(drawn.isWellFormed()).toBe(true);
    expect(drawn).not.toContain("y".repeat(200));
    if (format === "json") {
      expect(JSON.parse(drawn).steps).toHaveLength(2);
      return;
    }
    expect(drawn).not.toMatch(/[^\P{C}\n]/u);
    if (format === "svg") expect(drawn).not.toContain("<script");
    if (format === "mermaid") expect(drawn).not.toMatch(/script>|\]<|%%\{/);
    // Outside quoted strings, nothing of the name is left; a quote that ends one early would leave some.
    if (format === "dot") expect(drawn.replace(/"(?:[^"\\]|\\.)*"/g, "")).not.toMatch(/script|init/);
  });

  test.each(GRAPH_FORMATS)("%s can draw a workflow without steps", (format) => {
    expect(draw(format, []).length).toBeGreaterThan(10);
  });
});

test("the last known part of a dotted state gives its look", () => {
  expect([null, "running.waiting", "running.executing", "toString", "quarantined"].map(lookOf)).toEqual([
    "pending",
    "waiting",
    "running",
    "pending",
    "quarantined",
  ]);
});
