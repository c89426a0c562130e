/** What the parts of the store suite share. */
import type { BreakerStore } from "../../src/ports/breaker.ts";
import type { DeploymentStore } from "../../src/ports/deployments.ts";
import type { Appended, Store, StoreAdmin } from "../../src/ports/store.ts";
import type { ToolHistory } from "../../src/ports/tools.ts";
import type { TriggerStore } from "../../src/ports/triggers.ts";

export type TestedStore = Store & StoreAdmin & BreakerStore & DeploymentStore & TriggerStore & ToolHistory;

export interface StoreBench {
  open(): Promise<TestedStore>;
  /** Opens what `open` wrote. Null where nothing is kept. */
  readonly reopen: (() => Promise<TestedStore>) | null;
  cleanUp(): Promise<void>;
}

/** An owned store that knows the workflow `build`. */
export interface ReadyStore {
  readonly store: TestedStore;
  readonly epoch: number;
  commit(...appended: Appended[]): Promise<void>;
}

/** Stores are closed and data is removed after each test. */
export interface StoreHarness {
  openFresh(): Promise<TestedStore>;
  openReady(): Promise<ReadyStore>;
  /** Closes this one without `disown`, as a crash would, and opens its data again; null where nothing is kept. */
  reopen(store: TestedStore): Promise<TestedStore | null>;
}
