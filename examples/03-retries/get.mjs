// Fetches a URL for a step: the body becomes the step's output. A busy server is exit code 75 (try again), any other refusal 1.
import { writeFileSync } from "node:fs";

const EXIT_TRY_AGAIN = 75;
const response = await fetch(process.argv[2], { headers: { "idempotency-key": process.env.TROUPE_IDEMPOTENCY_KEY ?? "none" } });
const body = await response.text();
if (response.ok) {
  if (process.env.TROUPE_OUTPUT === undefined) process.stdout.write(body);
  else writeFileSync(process.env.TROUPE_OUTPUT, body);
} else {
  process.stderr.write(`HTTP ${response.status} from ${new URL(response.url).pathname}\n`);
  process.exitCode = response.status === 429 || response.status >= 500 ? EXIT_TRY_AGAIN : 1;
}
