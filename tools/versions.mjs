// Plain JavaScript, because it must speak clearly on a Node that cannot strip types. First step of every gate:
// `npm ci --ignore-scripts` leaves no Node binary below node_modules, and scripts then run on the system's Node unnoticed.
import { execFileSync } from "node:child_process";

const NODE_MIN = [24, 16];
const TYPESCRIPT_MAJOR = 7;

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < NODE_MIN[0] || (major === NODE_MIN[0] && minor < NODE_MIN[1])) {
  fail(
    `Node ${process.versions.node} runs this script, ${NODE_MIN.join(".")} or later is needed. Run \`npm ci\` (with install scripts) and go through \`npm run\`.`,
  );
}
const typescript = execFileSync("tsc", ["-v"], { encoding: "utf8", shell: process.platform === "win32" }).trim();
if (!typescript.startsWith(`Version ${TYPESCRIPT_MAJOR}.`)) {
  fail(
    `\`tsc -v\` says "${typescript}", version ${TYPESCRIPT_MAJOR} is needed. Another package may have taken over node_modules/.bin/tsc.`,
  );
}

/** @param {string} message */
function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
