/** The JUnit schema that CI servers agree on, as far as it can be violated: elements, their order, needed attributes, types, sums. */
import { SaxesParser } from "saxes";

const CHILDREN: Readonly<Record<string, readonly string[]>> = {
  testsuites: ["testsuite"],
  testsuite: ["properties", "testcase", "system-out", "system-err"],
  testcase: ["skipped", "error", "failure", "system-out", "system-err"],
};
const ATTRIBUTES: Readonly<Record<string, Readonly<Record<string, RegExp>>>> = {
  testsuites: {},
  testsuite: {
    name: /./,
    tests: /^\d+$/,
    failures: /^\d+$/,
    errors: /^\d+$/,
    skipped: /^\d+$/,
    time: /^\d+\.\d{3}$/,
  },
  testcase: { classname: /./, name: /./, time: /^\d+\.\d{3}$/ },
  failure: { message: /^/ },
  error: { message: /^/ },
  skipped: { message: /^/ },
  "system-out": {},
  "system-err": {},
};
const MORE: Readonly<Record<string, RegExp>> = { type: /./, timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/ };

/** What is wrong, in words; empty for a valid report. Not well-formed XML is one finding. */
export function checkJUnit(xml: string): readonly string[] {
  const problems: string[] = [];
  const path: { readonly name: string; last: number; readonly counts: Record<string, number>; readonly claimed: Record<string, string> }[] =
    [];
  const parser = new SaxesParser({ xmlns: false });
  parser.on("error", (error) => problems.push(error.message));
  parser.on("opentag", ({ name, attributes }) => {
    const parent = path.at(-1);
    const needed = ATTRIBUTES[name];
    if (needed === undefined) problems.push(`there is no element ${name}`);
    for (const [key, form] of Object.entries(needed ?? {}))
      if (!form.test(String(attributes[key] ?? "\u0000"))) problems.push(`${name} has ${key}=${String(attributes[key])}`);
    for (const [key, value] of Object.entries(attributes))
      if (needed?.[key] === undefined && !MORE[key]?.test(String(value))) problems.push(`${name} has ${key}=${String(value)}`);
    if (parent === undefined && name !== "testsuites") problems.push(`the root is ${name}`);
    if (parent !== undefined) {
      const at = (CHILDREN[parent.name] ?? []).indexOf(name);
      if (at < 0) problems.push(`${name} stands in ${parent.name}`);
      if (at < parent.last) problems.push(`${name} stands too late in ${parent.name}`);
      parent.last = at;
      const suite = path.findLast((element) => element.name === "testsuite");
      if (suite !== undefined) suite.counts[name] = (suite.counts[name] ?? 0) + 1;
    }
    path.push({ name, last: -1, counts: {}, claimed: { ...attributes } as Record<string, string> });
  });
  parser.on("closetag", ({ name }) => {
    const closed = path.pop();
    if (name !== "testsuite" || closed === undefined) return;
    const { counts, claimed } = closed;
    for (const [attribute, element] of Object.entries({ tests: "testcase", failures: "failure", errors: "error", skipped: "skipped" }))
      if (Number(claimed[attribute]) !== (counts[element] ?? 0)) problems.push(`testsuite claims ${claimed[attribute]} ${attribute}`);
  });
  parser.write(xml).close();
  return problems;
}
