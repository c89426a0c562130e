/** What clients that follow are given, by the project's own watch. */
import type { EventFeed } from "../api/feed.ts";
import { ownRun } from "./own-run.ts";
import type { Project } from "./project-shape.ts";

export function createEventFeed(project: Pick<Project, "store" | "eventPages" | "tenantEvents">): EventFeed {
  return {
    follow: (run, how, caller) => project.eventPages(ownRun(project.store, run, caller).id, how),
    followAll: (how, { tenant }) => project.tenantEvents(tenant, how),
    lastPosition: () => project.store.lastPosition(),
  };
}
