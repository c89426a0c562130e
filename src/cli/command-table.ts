/** All commands. Each is loaded only when it is asked for, so that starting one does not cost the others. */
import type { CommandEntry } from "./command.ts";

const entry = (group: CommandEntry["group"], name: string, summary: string, load: CommandEntry["load"]): CommandEntry => ({
  group,
  name,
  summary,
  load,
});

export const COMMANDS: readonly CommandEntry[] = [
  entry("daily", "init", "write a first workflow", async () => (await import("./commands/init.ts")).initCommand),
  entry("daily", "run", "run a workflow", async () => (await import("./commands/run.ts")).runCommand),
  entry(
    "daily",
    "plan",
    "show order, waves, critical path and bounds before a run",
    async () => (await import("./commands/plan.ts")).planCommand,
  ),
  entry("daily", "validate", "check workflow files", async () => (await import("./commands/validate.ts")).validateCommand),
  entry("daily", "watch", "follow a run that is driven elsewhere", async () => (await import("./commands/watch.ts")).watchCommand),
  entry("daily", "why", "tell what a run or step waits for, or why it ended", async () => (await import("./commands/why.ts")).whyCommand),
  entry("daily", "logs", "show what steps printed", async () => (await import("./commands/logs.ts")).logsCommand),
  entry("daily", "cancel", "cancel a run", async () => (await import("./commands/cancel.ts")).cancelCommand),
  entry(
    "daily",
    "pause",
    "let a run start nothing more until it is resumed",
    async () => (await import("./commands/pause.ts")).pauseCommand,
  ),
  entry("daily", "resume", "let an interrupted or paused run go on", async () => (await import("./commands/resume.ts")).resumeCommand),
  entry("daily", "retry", "run again what did not succeed, as a new run", async () => (await import("./commands/retry.ts")).retryCommand),
  entry("daily", "fork", "run again from a step on, as a new run", async () => (await import("./commands/fork.ts")).forkCommand),
  entry("daily", "diff", "compare two runs", async () => (await import("./commands/diff.ts")).diffCommand),
  entry("looking", "list", "list runs", async () => (await import("./commands/list.ts")).listCommand),
  entry("looking", "show", "show a run, now or as it was", async () => (await import("./commands/show.ts")).showCommand),
  entry("looking", "top", "watch everything that runs", async () => (await import("./commands/top.ts")).topCommand),
  entry("looking", "graph", "draw a workflow or a run", async () => (await import("./commands/graph.ts")).graphCommand),
  entry(
    "looking",
    "metrics",
    "show, export and compare the figures of runs",
    async () => (await import("./commands/metrics.ts")).metricsCommand,
  ),
  entry("looking", "events", "print a run's journal", async () => (await import("./commands/events.ts")).eventsCommand),
  entry("looking", "inspect", "show statecharts in a browser", async () => (await import("./commands/inspect.ts")).inspectCommand),
  entry("looking", "trace", "show where the time of a run went", async () => (await import("./commands/trace.ts")).traceCommand),
  entry("caring", "recover", "go on with runs that were interrupted", async () => (await import("./commands/recover.ts")).recoverCommand),
  entry(
    "caring",
    "quarantine",
    "decide about steps that wait for a person",
    async () => (await import("./commands/quarantine.ts")).quarantineCommand,
  ),
  entry(
    "caring",
    "cache",
    "look into the step cache, ask why it missed, clear it",
    async () => (await import("./commands/cache.ts")).cacheCommand,
  ),
  entry("caring", "verify", "prove that the journal is whole", async () => (await import("./commands/verify.ts")).verifyCommand),
  entry("caring", "doctor", "check store, machine and configuration", async () => (await import("./commands/doctor.ts")).doctorCommand),
  entry("caring", "backup", "copy the store while it is in use", async () => (await import("./commands/backup.ts")).backupCommand),
  entry("caring", "prune", "remove old runs", async () => (await import("./commands/prune.ts")).pruneCommand),
  entry("caring", "schema", "print the schema of workflow files", async () => (await import("./commands/schema.ts")).schemaCommand),
  entry("caring", "fmt", "format workflow files, or change their dialect", async () => (await import("./commands/fmt.ts")).fmtCommand),
  entry("caring", "completion", "print a completion script for a shell", async () =>
    (await import("./commands/completion.ts")).completionCommandFor(COMMANDS),
  ),
  entry("caring", "version", "show versions", async () => (await import("./commands/version.ts")).versionCommand),
  entry("trying", "eval", "evaluate an expression", async () => (await import("./commands/eval.ts")).evalCommand),
  entry("trying", "render", "render a template", async () => (await import("./commands/render.ts")).renderCommand),
];
