/**
 * The layers of the code base: what may import what. This table is the one source for the check (`check-layers.ts`) and for the
 * picture in `docs/architecture.md`. Type-only imports count; the first row whose folder holds a file decides.
 */
export interface Layer {
  readonly name: string;
  readonly folder: string;
  /** Each child of the folder stands alone: it never imports a sibling. */
  readonly alone?: true;
  readonly imports: readonly string[];
  /** Packages by name (`@scope/*` allowed); "any" also admits `node:`. */
  readonly modules: readonly string[] | "any";
  /** No clock, no randomness, no process, no locale: equal arguments give equal results on every host and in every test. */
  readonly pure?: true;
  /** The only file of another layer that may be reached, where a layer shows one door. */
  readonly doors?: Readonly<Record<string, string>>;
}

const below = ["core", "grammar", "expression", "plan", "actors", "kernel", "definition", "ports", "steps", "runtime"] as const;
const hosts = ["host-embedded", "host-temporal"] as const;

export const layers: readonly Layer[] = [
  { name: "core", folder: "src/core", imports: [], modules: [], pure: true },
  { name: "grammar", folder: "grammar", imports: ["core"], modules: ["nearley", "moo"], pure: true },
  { name: "expression", folder: "src/expression", imports: ["core", "grammar"], modules: [], pure: true },
  { name: "plan", folder: "src/plan", imports: ["core", "grammar", "expression"], modules: [], pure: true },
  { name: "actors", folder: "actors", imports: ["core", "plan"], modules: ["xstate"], pure: true },
  { name: "kernel", folder: "src/kernel", imports: ["core", "expression", "plan", "actors"], modules: ["xstate"], pure: true },
  {
    name: "definition",
    folder: "src/definition",
    imports: ["core", "grammar", "expression", "plan"],
    // xstate: the model check goes through the states of a run with xstate/graph.
    modules: ["ajv", "ajv-formats", "yaml", "typebox", "xstate"],
  },
  { name: "ports", folder: "src/ports", imports: ["core", "plan", "kernel"], modules: [] },
  {
    name: "steps",
    folder: "src/steps",
    alone: true,
    imports: ["core", "grammar", "expression", "plan", "kernel", "ports"],
    modules: ["typebox"],
  },
  { name: "runtime", folder: "src/runtime", imports: ["core", "expression", "plan", "kernel", "ports"], modules: [] },
  { name: "host-embedded", folder: "src/hosts/embedded", imports: ["core", "plan", "kernel", "ports", "runtime"], modules: [] },
  {
    name: "host-temporal",
    folder: "src/hosts/temporal",
    imports: ["core", "plan", "kernel", "ports", "runtime"],
    modules: ["@temporalio/*"],
  },
  { name: "adapters", folder: "src/adapters", alone: true, imports: ["core", "plan", "kernel", "ports"], modules: "any" },
  {
    name: "inspector-page",
    folder: "observability/inspector-page",
    imports: ["observability", "look", "contract"],
    modules: [],
  },
  { name: "observability", folder: "observability", imports: ["core", "actors", "ports"], modules: "any" },
  { name: "contract", folder: "src/contract", imports: ["core"], modules: ["typebox"] },
  { name: "api", folder: "src/api", imports: ["core", "plan", "definition", "ports", "runtime", "contract"], modules: "any" },
  {
    name: "main",
    folder: "src/main",
    imports: [...below, ...hosts, "adapters", "observability", "contract", "api"],
    modules: "any",
  },
  { name: "cli", folder: "src/cli", imports: ["core", "plan", "definition", "ports", "runtime", "contract", "main"], modules: "any" },
  // How states and statecharts look, wherever a page shows them.
  { name: "look", folder: "web/look", imports: ["contract"], modules: [] },
  { name: "web", folder: "web", imports: ["contract", "look"], modules: ["preact", "@preact/signals", "@codemirror/*", "@lezer/highlight"] },
  { name: "examples", folder: "examples", imports: ["main"], modules: "any", doors: { main: "src/main/index.ts" } },
];
