/** Loads a function that a workflow names by module and export. The one place where code is found by a path from a document (S-46). */

/** @throws Error with code FUNCTION_UNKNOWN when the module has no such function; whatever the module itself throws. */
export async function loadExport(url: string, name: string): Promise<(input: unknown, context: unknown) => unknown> {
  const module = (await import(url)) as Readonly<Record<string, unknown>>; // a module's namespace is an object of its exports
  const found = module[name];
  if (typeof found === "function") return found as (input: unknown, context: unknown) => unknown; // as its author declared it
  const names = Object.keys(module).filter((key) => typeof module[key] === "function");
  const hint = names.length === 0 ? "It exports no function." : `It exports: ${names.join(", ")}.`;
  throw Object.assign(new Error(`The module has no function \`${name}\`.`), { code: "FUNCTION_UNKNOWN", class: "permanent", hint });
}
