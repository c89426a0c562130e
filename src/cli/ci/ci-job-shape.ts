/** A command as a part of a CI job: one log in which nothing is obeyed but what we say. */
import type { Place } from "../../core/place.ts";
import type { Terminal } from "../terminal.ts";
import type { CiServer, Remark } from "./dialect.ts";

export interface CiJob {
  readonly server: CiServer;
  /** Never asks anybody, and writes all that people read into one stream: a server reads two in no order. */
  readonly terminal: Terminal;
  group(key: string, title: string, lines: Iterable<string>): void;
  remark(remark: Omit<Remark, "place">, place?: Pick<Place, "file" | "line" | "column"> | null): void;
  end(): void;
}
