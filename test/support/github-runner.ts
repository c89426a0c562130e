/** What the runner of GitHub Actions would do with a log: a model of its reading, to show what text could make it do. */
export interface Obeyed {
  readonly name: string;
  readonly properties: string;
  readonly value: string;
}

const COMMAND = /^\s*::([^\s:]+)(?: ([^:]*))?::(.*)$/;
/** The older form, anywhere in a line. */
const OLDER = /##\[([^\s\]]+)([^\]]*)\](.*)$/;

/** Commands in order; one more at the end where commands are still stopped. */
export function obeyedByGitHub(log: string): readonly Obeyed[] {
  const obeyed: Obeyed[] = [];
  let stopToken: string | null = null;
  for (const line of log.split(/\r\n|\r|\n/)) {
    const found = COMMAND.exec(line) ?? OLDER.exec(line);
    if (found === null) continue;
    const [, name = "", properties = "", value = ""] = found;
    if (stopToken !== null) {
      if (name === stopToken) stopToken = null;
    } else if (name === "stop-commands") stopToken = value;
    else obeyed.push({ name, properties, value });
  }
  return stopToken === null ? obeyed : [...obeyed, { name: "STILL STOPPED", properties: "", value: "" }];
}
