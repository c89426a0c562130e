/** The pages, in the order of the navigation. Each is loaded when it is first looked at. */
import type { ComponentType } from "preact";
import type { IconName } from "../ui/icon.tsx";

export interface PageProps {
  /** Parts of the address, decoded. */
  readonly parts: Readonly<Record<string, string>>;
}

export interface PageEntry {
  /** As `matchPath` reads it. */
  readonly pattern: string;
  readonly load: () => Promise<{ readonly View: ComponentType<PageProps> }>;
  /** Where the navigation shows it; a page without one belongs to the page whose address its own begins with. */
  readonly nav?: { readonly name: string; readonly icon: IconName; readonly to: string; readonly key: string };
}

export const PAGES: readonly PageEntry[] = [
  {
    pattern: "/runs",
    load: () => import("../pages/runs/view.tsx"),
    nav: { name: "Runs", icon: "runs", to: "/runs", key: "r" },
  },
  { pattern: "/runs/:run/:tab?", load: () => import("../pages/run/view.tsx") },
];

export const HOME = "/runs";
