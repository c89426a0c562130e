/** Random workflows of shell steps for the crash sweep: every feature that survives a crash in its own way occurs in some of them. */

import { createDraw } from "./draw.ts";

/** The text of a workflow file; the same seed gives the same text. */
export function generateWorkflow(seed: number): string {
  const draw = createDraw(seed);
  const count = 5 + draw(4);
  const steps = Array.from({ length: count }, (_, index) => stepText(index, draw));
  return ["apiVersion: troupe/v1", `name: generated_${seed}`, "steps:", ...steps, ""].join("\n");
}

function stepText(index: number, draw: (below: number) => number): string {
  const needs = Array.from({ length: Math.min(index, 1 + draw(2)) }, () => draw(index));
  const list = [...new Set(needs)].map((need) => `s${need}`).join(", ");
  const lines = [`  - id: s${index}`, `    needs: [${list}]`];
  if (index > 0 && draw(4) === 0) lines.push(`    join: ${["all_done", "none_failed"][draw(2)]}`);
  if (index > 1 && draw(4) === 0) lines.push(`    when: ${draw(2)} == 1`, "    join: none_failed");
  if (draw(4) === 0) lines.push("    locks: [shared]");
  lines.push(...workText(index, draw));
  return dedupe(lines).join("\n");
}

function workText(index: number, draw: (below: number) => number): readonly string[] {
  const result = `printf '{"step": ${index}}' > "$TROUPE_OUTPUT"`;
  switch (draw(4)) {
    case 0: // Fails until the file of its second attempt is there.
      return [
        "    retry: { max: 3, base: 50ms, jitter: none, exit_codes: [3] }",
        `    run: 'test "$TROUPE_ATTEMPT" -ge 2 || exit 3; ${singleQuoted(result)}'`,
      ];
    case 1:
      return ["    timeout: { after: 300ms, then: fallback, value: { step: late }, grace: 100ms }", "    run: sleep 5"];
    case 2:
      return ["    optional: true", "    run: exit 4"];
    default:
      return [`    run: '${singleQuoted(`sleep 0.0${1 + draw(9)}; ${result}`)}'`];
  }
}

function singleQuoted(text: string): string {
  return text.replaceAll("'", "''");
}

/** A key that was drawn twice is said once. */
function dedupe(lines: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  return lines.filter((line) => {
    const key = line.split(":")[0] ?? "";
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
