// `troupe recover list -o json | node interrupted.mjs`
import { text } from "node:stream/consumers";

process.stdout.write(`${await text(process.stdin)}\n`);
