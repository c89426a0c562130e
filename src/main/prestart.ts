/** What a command that writes can begin before it has read its arguments. */
export { prestartWriterThread as prestartStore } from "../adapters/store-sqlite/writer-client.ts";
