// The exported functions of a file, with what is known of their types. Reads the simple code of this example, not all of TypeScript.
const FUNCTION = /^export function (\w+)\((.*)\)(?:: (.+?))? \{\n([\s\S]*?)^\}/gm;

/** @returns {{ name: string, params: { name: string, type: string | null, value: string | null }[], returns: string | null, body: string }[]} */
export function functionsOf(code) {
  return [...code.matchAll(FUNCTION)].map(([, name, list, returns, body]) => ({
    name,
    params: list === "" ? [] : list.split(", ").map(paramOf),
    returns: returns ?? null,
    body,
  }));
}

function paramOf(text) {
  const [, name, type, value] = /^(\w+)(?:: ([^=]+?))?(?: = (.+))?$/.exec(text);
  return { name, type: type ?? null, value: value ?? null };
}

/** What a type checker would say. A parameter with a default value has a type. */
export function errorsOf(code) {
  return functionsOf(code).flatMap(({ name, params, returns }) => [
    ...params
      .filter(({ type, value }) => type === null && value === null)
      .map((param) => `Parameter '${param.name}' of '${name}' implicitly has an 'any' type.`),
    ...(returns === null ? [`'${name}' lacks a return type annotation.`] : []),
  ]);
}
