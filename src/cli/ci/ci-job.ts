/** Makes the log of a CI job from the streams of this process. */
import { randomBytes } from "node:crypto";
import { isAbsolute, relative, resolve, sep } from "node:path";
import type { Place } from "../../core/place.ts";
import type { Context } from "../context.ts";
import { createLook } from "../render/look.ts";
import type { CiJob } from "./ci-job-shape.ts";
import { type CiServer, type Dialect, type Remark, serverOf } from "./dialect.ts";
import { createGitHubDialect } from "./github.ts";
import { createGitLabDialect } from "./gitlab.ts";
import { createPlainDialect } from "./plain.ts";

/** A server shows ten remarks of a kind for a step of a job, and stores few more. */
const REMARKS_MAX = 10;
const TOKEN_BYTES = 24;
const COLUMNS_DEFAULT = 120;

/** @param isJson stdout carries JSON alone; the log is on stderr then */
export function createCiJob({ terminal, env, cwd }: Pick<Context, "terminal" | "env" | "cwd">, isJson: boolean): CiJob {
  const server = serverOf(env);
  const dialect = dialectOf(server);
  const write = isJson ? terminal.note : terminal.data;
  const said = { error: 0, warning: 0, note: 0 };
  const root = env.GITHUB_WORKSPACE ?? env.CI_PROJECT_DIR ?? cwd;
  const asked = Number(env.COLUMNS);
  const look = createLook({ columns: asked >= 40 ? asked : COLUMNS_DEFAULT, hasColour: false });
  return {
    server,
    terminal: {
      ...terminal,
      stdin: terminal.stdin,
      data: isJson ? (text) => terminal.data(toInertJson(text)) : (text) => write(dialect.text(text)),
      note: (text) => write(dialect.text(text)),
      draw: () => {},
      dataLook: look,
      noteLook: look,
      isLive: false,
      isDataLive: false,
      isInteractive: false,
      get isDataClosed() {
        return terminal.isDataClosed;
      },
      rows: terminal.rows,
      dataRows: terminal.dataRows,
    },
    group(key, title, lines) {
      write(dialect.open(key, title, Date.now()));
      for (const line of lines) write(dialect.text(line));
      write(dialect.close(key, Date.now()));
    },
    remark(remark, place = null) {
      said[remark.severity] += 1;
      if (said[remark.severity] > REMARKS_MAX) return;
      write(dialect.remark({ ...remark, place: place === null ? null : placeBelow(root, cwd, place) }));
    },
    end: () => write(dialect.end()),
  };
}

function dialectOf(server: CiServer): Dialect {
  switch (server) {
    case "github":
      return createGitHubDialect(() => randomBytes(TOKEN_BYTES).toString("hex"));
    case "gitlab":
      return createGitLabDialect();
    case "plain":
      return createPlainDialect();
  }
}

/** The same JSON, in which no server finds a word of its own: two signs of that kind stand in strings only. */
function toInertJson(text: string): string {
  return text.replaceAll("##", "#\\u0023");
}

/** As the server names the file; null for one that it does not have. */
function placeBelow(root: string, cwd: string, { file, line, column }: Pick<Place, "file" | "line" | "column">): Remark["place"] {
  const inside = relative(root, resolve(cwd, file));
  if (isAbsolute(inside) || inside === ".." || inside.startsWith(`..${sep}`)) return null;
  return { file: inside, line, column };
}
