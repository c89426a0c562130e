export { x } from "../adapters/x/index.ts";
