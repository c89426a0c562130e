/** What the kernel relies on, checked on random documents by rules written down here a second time. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInStepTypes } from "../../test/support/step-types.ts";
import type { JsonObject } from "../core/json.ts";
import type { CompiledWorkflow } from "../plan/workflow.ts";
import { check, recompile } from "./compile.ts";

const options = { file: "w.yaml", stepTypes: builtInStepTypes };

const anyDocument: fc.Arbitrary<JsonObject> = fc
  .array(
    fc.record({
      needs: fc.array(fc.nat({ max: 7 }), { maxLength: 3 }),
      reads: fc.option(fc.nat({ max: 7 })),
      handlers: fc.array(fc.record({ count: fc.nat({ max: 2 }), reads: fc.option(fc.nat({ max: 7 })) }), { maxLength: 2 }),
      compensated: fc.boolean(),
      fans: fc.boolean(),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .chain((steps) => fc.tuple(fc.constant(steps), fc.nat({ max: 3 })))
  .map(([steps, last]) => ({
    name: "w",
    steps: steps.map(({ needs, reads, handlers, compensated, fans }, index) => ({
      id: `s${index}`,
      run: reads === null || reads >= index ? "x" : `x {{ steps.s${reads}.status }}`,
      needs: [...new Set(needs.filter((one) => one < index))].map((one) => `s${one}`),
      ...(fans && { for_each: [1, 2] }),
      ...(compensated && { compensate: { run: `y {{ steps.s${index}.status }}` } }),
      catch: handlers.map(({ count, reads: other }, rule) => ({
        do:
          count === 0
            ? "skip"
            : Array.from({ length: count }, (_, position) => ({
                id: `h${index}_${rule}_${position}`,
                run: other === null || other >= steps.length ? "x" : `x {{ steps.s${other}.status }}`,
                needs: position === 0 ? [] : [`h${index}_${rule}_0`],
              })),
      })),
    })),
    ...(last > 0 && {
      finally: Array.from({ length: last }, (_, index) => ({
        id: `f${index}`,
        run: "x {{ steps.s0.status }}",
        needs: index === 0 ? [] : ["f0"],
      })),
    }),
  }));

const RANK = { main: 0, handler: 1, compensation: 2, finally: 3 } as const;

function problemsOf({ steps, indexOf }: CompiledWorkflow): string[] {
  const problems: string[] = [];
  const hold = (fact: boolean, text: string): void => void (fact || problems.push(text));
  for (const [index, { id, phase, needs, dependents, catches }] of steps.entries()) {
    const from = needs.map((edge) => edge.from);
    const kindOf = (other: number) => steps[other]?.phase.kind ?? "none";
    hold(steps[index]?.index === index && indexOf.get(id) === index, `${id} is not where it says`);
    hold(RANK[phase.kind] >= RANK[steps[index - 1]?.phase.kind ?? "main"], `${id} stands before an earlier phase`);
    hold([...new Set(from)].sort((one, other) => one - other).join() === from.join(), `${id} has needs out of order`);
    hold(
      from.every((other) => steps[other]?.dependents.includes(index)),
      `${id} is missing among the dependents of a need`,
    );
    hold(
      dependents.every((other) => steps[other]?.needs.some((edge) => edge.from === index)),
      `${id} has a dependent that does not need it`,
    );
    hold(
      needs.every(({ because }) => because.length > 0),
      `${id} has an edge without a reason`,
    );
    if (phase.kind === "main" || phase.kind === "handler") {
      hold(
        from.every((other) => RANK[kindOf(other) as keyof typeof RANK] <= 1),
        `${id} waits for a later phase`,
      );
      for (const other of from) {
        if (phase.kind === "handler" && phase.of === other) continue;
        const handlers = steps.filter((step) => step.phase.kind === "handler" && step.phase.of === other);
        hold(
          handlers.every((step) => from.includes(step.index)),
          `${id} does not wait for what handles ${steps[other]?.id}`,
        );
      }
    }
    if (phase.kind === "handler") {
      const action = steps[phase.of]?.catches[phase.rule]?.action;
      hold(from.includes(phase.of), `${id} does not wait for what it handles`);
      hold(action?.kind === "handle" && action.steps.includes(index), `${id} is missing in its rule`);
    }
    if (phase.kind === "compensation") hold(from.length === 0 && steps[phase.of]?.phase.kind === "main", `${id} waits`);
    if (phase.kind === "finally")
      hold(
        from.every((other) => kindOf(other) === "finally"),
        `${id} waits for another phase`,
      );
    for (const [rule, { action }] of catches.entries()) {
      const listed = action.kind === "handle" ? action.steps : [];
      hold(
        listed.every((other) => JSON.stringify(steps[other]?.phase) === JSON.stringify({ kind: "handler", of: index, rule })),
        `rule ${rule} of ${id} names another's step`,
      );
    }
  }
  return problems;
}

test("phases, edges and rules of any document agree", () => {
  let compiled = 0;
  fc.assert(
    fc.property(anyDocument, (document) => {
      const { workflow, findings } = check(document, options);
      if (workflow === null) {
        // A handler may read what waits for it.
        expect([...new Set(findings.filter(({ severity }) => severity === "error").map(({ code }) => code))]).toEqual(["DEF_CYCLE"]);
        return;
      }
      compiled += 1;
      expect(problemsOf(workflow)).toEqual([]);
      expect(problemsOf(recompile(workflow.document, workflow.hash, options))).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(compiled).toBeGreaterThan(100);
});
