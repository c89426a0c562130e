/** Where the user is: path and query of the address bar, which every view can be found by again. */
import { signal } from "@preact/signals";

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
}

export const place = signal<Place>(here());

function here(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

/** @param replace leaves no entry in the history: for filters, which nobody wants to step back through one letter at a time */
export function go(to: string, { replace = false }: { readonly replace?: boolean } = {}): void {
  if (to === location.pathname + location.search) return;
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  place.value = here();
}

/** Changes parts of the query; null takes one out. */
export function setQuery(changes: Readonly<Record<string, string | readonly string[] | null>>, how = { replace: true }): void {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(changes)) {
    query.delete(name);
    for (const one of value === null || value === "" ? [] : [value].flat()) query.append(name, one);
  }
  go(place.peek().path + (query.size === 0 ? "" : `?${query}`), how);
}

/**
 * Names of a pattern's parts with what the path has there; null where it does not fit. `/runs/:run/:tab?` fits `/runs/1` and `/runs/1/graph`.
 * A part that is not well encoded fits nothing.
 */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(?<=.)\/$/, "").split("/");
  if (given.length > wanted.length) return null;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const text = given[index];
    const name = /^:(\w+)(\??)$/.exec(part);
    if (name === null) {
      if (text !== part) return null;
    } else if (text === undefined || text === "") {
      if (name[2] === "") return null;
    } else {
      const value = decoded(text);
      if (value === null) return null;
      found[name[1] ?? ""] = value;
    }
  }
  return found;
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Links of this page change the place without loading it anew; all others, and clicks with a modifier, stay the browser's. */
export function listenToLinks(): void {
  addEventListener("popstate", () => {
    place.value = here();
  });
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.origin !== location.origin || link.target !== "" || link.hasAttribute("download")) return;
    if (link.pathname.startsWith("/api/") || link.pathname.startsWith("/docs") || link.dataset.outside !== undefined) return;
    if (link.hash !== "" && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
