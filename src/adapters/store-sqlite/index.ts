/** The embedded store on `node:sqlite`. Start reading at `schema.ts`, then `writer.ts`. */
export type { Durability } from "./connection.ts";
export { openStore, type SqliteStore, type StoreOptions } from "./store.ts";
export type { Trouble } from "./writer-client.ts";
