/** The server as its users have it: built. Apart from the library, since it loads what no other workload does. */
const built = new URL("../dist/src/main/", import.meta.url);
const projects: typeof import("../src/main/project.ts") = await import(new URL("project.js", built).href);
const servers: typeof import("../src/main/serve.ts") = await import(new URL("serve.js", built).href);
export const { openProject } = projects;
export const { openServer } = servers;
