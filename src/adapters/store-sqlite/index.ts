/** The embedded store on `node:sqlite`. Start reading at `schema.ts`, then `writer.ts`. */
export { openStore, type SqliteStore } from "./store.ts";
