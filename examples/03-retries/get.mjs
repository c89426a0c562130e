// Fetches a URL for a step: the body becomes the step's output. A busy server is exit code 75 (try again), any other refusal 1.
import { writeFileSync } from "node:fs";

const EXIT_TRY_AGAIN = 75;
const { TROUPE_IDEMPOTENCY_KEY: key, TROUPE_OUTPUT: output } = process.env;
const response = await fetch(process.argv[2], { headers: key === undefined ? {} : { "idempotency-key": key } });
const body = await response.text();
if (response.ok) {
  if (output === undefined) process.stdout.write(body);
  else writeFileSync(output, body);
} else {
  process.stderr.write(`HTTP ${response.status} from ${new URL(response.url).pathname}\n`);
  process.exitCode = response.status === 429 || response.status >= 500 ? EXIT_TRY_AGAIN : 1;
}
