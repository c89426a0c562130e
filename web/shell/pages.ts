/** The pages, in the order of the navigation. Each is loaded when it is first looked at. */
import type { ComponentType } from "preact";
import type { IconName } from "../ui/icon.tsx";
import type { PageProps } from "./page-props.ts";

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
  {
    pattern: "/workflows",
    load: () => import("../pages/workflows/view.tsx"),
    nav: { name: "Workflows", icon: "workflow", to: "/workflows", key: "w" },
  },
  { pattern: "/workflows/:name/:tab?", load: () => import("../pages/workflow/view.tsx") },
  {
    pattern: "/approvals/:run?/:step?",
    load: () => import("../pages/approvals/view.tsx"),
    nav: { name: "Approvals", icon: "approval", to: "/approvals", key: "a" },
  },
  {
    pattern: "/quarantine/:run?/:step?",
    load: () => import("../pages/quarantine/view.tsx"),
    nav: { name: "Quarantine", icon: "quarantine", to: "/quarantine", key: "q" },
  },
  {
    pattern: "/tools",
    load: () => import("../pages/tools/view.tsx"),
    nav: { name: "Tools", icon: "tool", to: "/tools", key: "t" },
  },
  {
    pattern: "/schedules/:id?",
    load: () => import("../pages/schedules/view.tsx"),
    nav: { name: "Schedules", icon: "schedule", to: "/schedules", key: "s" },
  },
  {
    pattern: "/costs",
    load: () => import("../pages/costs/view.tsx"),
    nav: { name: "Costs", icon: "cost", to: "/costs", key: "c" },
  },
  {
    pattern: "/notifications",
    load: () => import("../pages/notifications/view.tsx"),
    nav: { name: "Notifications", icon: "bell", to: "/notifications", key: "n" },
  },
  {
    pattern: "/system",
    load: () => import("../pages/system/view.tsx"),
    nav: { name: "System", icon: "system", to: "/system", key: "y" },
  },
];

export const HOME = "/runs";
