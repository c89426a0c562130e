export { a } from "../a/execute.ts";
