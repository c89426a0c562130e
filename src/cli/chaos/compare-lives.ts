/** What a killed and recovered run must have in common with an undisturbed one. */
import type { RunView } from "../../contract/run-view.ts";
import { canonicalJson } from "../../core/json.ts";

/** Everything that differs, in words: outcomes and outputs count, attempts and times do not (I-12). */
export function differences(undisturbed: RunView, recovered: RunView): readonly string[] {
  const found: string[] = [];
  if (recovered.state !== undisturbed.state) found.push(`the run is ${recovered.state}, not ${undisturbed.state}`);
  if (canonicalJson(recovered.output) !== canonicalJson(undisturbed.output))
    found.push(`its output is ${JSON.stringify(recovered.output)}, not ${JSON.stringify(undisturbed.output)}`);
  const byId = new Map(recovered.steps.map((step) => [step.id, step]));
  for (const wanted of undisturbed.steps) {
    const step = byId.get(wanted.id);
    if (step?.state !== wanted.state) found.push(`step \`${wanted.id}\` is ${step?.state ?? "not there"}, not ${wanted.state}`);
    else if (canonicalJson(step.output) !== canonicalJson(wanted.output))
      found.push(`the output of \`${wanted.id}\` is ${JSON.stringify(step.output)}, not ${JSON.stringify(wanted.output)}`);
  }
  return found;
}
