/** The store suite on SQLite, in memory and on a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "../../src/adapters/store-sqlite/index.ts";
import { describeStore } from "./store.suite.ts";

describeStore("sqlite in memory", () => ({
  open: () => openStore({ directory: "", durability: "full", memory: true }),
  reopen: null,
  cleanUp: async () => {},
}));

describeStore("sqlite on file", () => {
  const directory = mkdtempSync(join(tmpdir(), "troupe-store-"));
  const open = () => openStore({ directory, durability: "full" });
  return { open, reopen: open, cleanUp: async () => rmSync(directory, { recursive: true, force: true }) };
});
