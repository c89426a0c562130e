/** Oldest Node with the SQLite (3.53) and the crypto functions that Troupe uses. */
export const NODE_MIN = "24.16.0";

/** What to say when this Node is too old; null when it is not. */
export function nodeProblem(version: string, minimum: string): string | null {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [majorMin = 0, minorMin = 0] = minimum.split(".").map(Number);
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return null;
  return `Node ${minimum} or later is needed; this is ${version}. See https://nodejs.org/ or use \`npx --package=node@24 --package=troupe troupe\`.`;
}
