// `troupe quarantine list -o json | node waiting.mjs`
import { text } from "node:stream/consumers";

process.stdout.write(`${await text(process.stdin)}\n`);
