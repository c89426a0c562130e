import { expect, test } from "vitest";
import { isFiltered, readFilters, toQuery } from "./filters.ts";

const read = (text: string) => readFilters(new URLSearchParams(text));

test("an address without filters asks for everything", () => {
  expect(isFiltered(read(""))).toBe(false);
  expect(toQuery(read(""), 1_000)).toEqual({ state: [], workflow: "", q: "", from: null, to: null });
});

test("states that nobody knows, and times that are none, are left out", () => {
  expect(read("state=failed&state=odd&since=1y&from=soon")).toMatchObject({ states: ["failed"], span: "", from: "" });
});

test("a span counts back from now, and two times are taken as they are", () => {
  expect(toQuery(read("since=1h"), 10_000_000)).toMatchObject({ from: 6_400_000, to: null });
  expect(toQuery(read("from=2026-11-21T00:00Z&to=2026-11-22T00:00Z"), 0)).toMatchObject({ from: 1_795_219_200_000, to: 1_795_305_600_000 });
});
