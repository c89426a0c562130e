/** The shape of a whole document: that of the workflow, of its steps, and of the steps in these. */
import type { ShapeChecker } from "./check-shape.ts";
import { scalarOf, textAt } from "./compile-step.ts";
import { mapInnerSteps } from "./inner-steps.ts";
import type { Reporter } from "./reporter.ts";
import { entryOf, type MapNode } from "./source-node.ts";

/** Later checks rely on the shape, so a document that lacks it is looked at no further. */
export function checkDocumentShape(root: MapNode, checker: ShapeChecker, reporter: Reporter): void {
  const version = entryOf(root, "apiVersion")?.value;
  const said = scalarOf(version);
  if (version !== undefined && said !== "troupe/v1") {
    reporter.error(version, "DEF_VERSION", { version: String(said ?? "") });
    return;
  }
  checker.document(root, reporter);
  for (const key of ["steps", "finally"]) {
    const steps = entryOf(root, key)?.value;
    for (const [index, step] of (steps?.kind === "list" ? steps.items : []).entries())
      if (step.kind === "map") checkTree(step, key === "finally", index, checker, reporter);
  }
}

function checkTree(step: MapNode, isLast: boolean, index: number, checker: ShapeChecker, reporter: Reporter): void {
  checker.step(step, textAt(step, "id") ?? `number ${index + 1}`, reporter);
  if (isLast) refuseInner(step, "A `finally` step", reporter);
  mapInnerSteps(step, (inner, role) => {
    checker.step(inner, textAt(inner, "id") ?? role, reporter);
    refuseInner(inner, role === "handler" ? "A step that handles a failure" : "A compensation", reporter);
    return inner;
  });
}

/** Phases do not nest: what goes wrong at the end of a run has no end of its own. */
function refuseInner(step: MapNode, who: string, reporter: Reporter): void {
  for (const one of step.entries) {
    const isOutOfOrder = one.key === "needs" && who === "A compensation";
    if (one.key !== "catch" && one.key !== "compensate" && !isOutOfOrder) continue;
    reporter.atKey(one, {
      code: "DEF_PHASE",
      details: {
        problem: isOutOfOrder
          ? `${who} has no \`needs\`: the step that ended last is compensated first.`
          : `${who} has no \`${one.key}\` of its own.`,
      },
      fix: one.key === "catch" ? "Remove it; `retry`, `optional` and `timeout` work here too." : "Remove it.",
    });
  }
}
