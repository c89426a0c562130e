import { beforeAll, expect, test, vi } from "vitest";

let matchPath: typeof import("./router.ts").matchPath;
beforeAll(async () => {
  vi.stubGlobal("location", { pathname: "/", search: "" });
  ({ matchPath } = await import("./router.ts"));
});

test.each([
  ["/runs", "/runs", {}],
  ["/runs", "/runs/", {}],
  ["/", "/", {}],
  ["/runs/:run/:tab?", "/runs/r1", { run: "r1" }],
  ["/runs/:run/:tab?", "/runs/r1/graph", { run: "r1", tab: "graph" }],
  ["/runs/:run/:tab?/:step?", "/runs/r1/steps/build%5Beu%2Fwest%5D", { run: "r1", tab: "steps", step: "build[eu/west]" }],
  ["/runs", "/run", null],
  ["/runs", "/runs/r1", null],
  ["/runs/:run", "/runs", null],
  ["/runs/:run", "/runs/", null],
  ["/runs/:run", "/runs/%E0%A4", null],
])("%s and %s give %j", (pattern, path, found) => {
  expect(matchPath(pattern, path)).toEqual(found);
});
