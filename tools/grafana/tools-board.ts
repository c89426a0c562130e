/** What goes wrong and how it is answered: breakers, retries, time-outs, quarantine. */
import { type Board, increase, nameOf, quantiles, rate } from "./board.ts";

export const toolsBoard: Board = {
  uid: "troupe-tools",
  title: "Troupe / Tools and resilience",
  description: "Breakers, retries, time-outs, quarantine, approvals, gates, merges and the step cache.",
  rows: [
    {
      title: "Circuit breakers",
      panels: [
        {
          kind: "graph",
          title: "Breakers that are not closed",
          description: "An open breaker refuses calls of its tool for a minute, then lets one probe through.",
          unit: "short",
          width: 12,
          queries: [{ expr: `sum by (tool, state) (${nameOf("breakerState")}{state!="closed"})`, legend: "{{tool}} {{state}}" }],
        },
        {
          kind: "bars",
          title: "Changes of breakers",
          description: "By tool and the state entered.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("breakerEvents", "", ["tool", "state"]), legend: "{{tool}} {{state}}" }],
        },
      ],
    },
    {
      title: "Attempts and retries",
      panels: [
        {
          kind: "bars",
          title: "Attempts that end",
          description: "By what became of them.",
          unit: "ops",
          width: 8,
          queries: [{ expr: rate("attempts", "", ["outcome"]), legend: "{{outcome}}" }],
        },
        {
          kind: "bars",
          title: "Retries",
          description: "By the class of the failure.",
          unit: "ops",
          width: 8,
          queries: [{ expr: rate("retries", "", ["class"]), legend: "{{class}}" }],
        },
        {
          kind: "graph",
          title: "Pause before a retry",
          description: "The dots are traces.",
          unit: "s",
          width: 8,
          queries: quantiles("retryDelay", [0.5, 0.95], "", true),
        },
      ],
    },
    {
      title: "Time-outs, skips and quarantine",
      panels: [
        {
          kind: "bars",
          title: "Time limits reached",
          description: "By what followed.",
          unit: "ops",
          width: 8,
          queries: [{ expr: rate("timeouts", "", ["strategy"]), legend: "{{strategy}}" }],
        },
        {
          kind: "bars",
          title: "Skipped steps",
          description: "By reason.",
          unit: "ops",
          width: 8,
          queries: [{ expr: rate("skips", "", ["reason"]), legend: "{{reason}}" }],
        },
        {
          kind: "graph",
          title: "In quarantine",
          description: "A person must look: `troupe quarantine list`.",
          unit: "short",
          width: 8,
          alarmFrom: 1,
          queries: [{ expr: `sum by (kind) (${nameOf("quarantined")})`, legend: "{{kind}}" }],
        },
        {
          kind: "bars",
          title: "Recovered attempts",
          description: "Found in flight after their engine had died.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("recoveries"), legend: "attempts" }],
        },
        {
          kind: "bars",
          title: "Unusual results",
          description: "Steps whose duration, cost, retries or output were far from usual: `troupe show RUN` names them.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("anomalies", "", ["kind"]), legend: "{{kind}}" }],
        },
      ],
    },
    {
      title: "People",
      panels: [
        {
          kind: "graph",
          title: "Approvals that wait",
          description: "Steps that wait for a decision, of all runs in the store.",
          unit: "short",
          width: 12,
          queries: [{ expr: `max(${nameOf("approvalsPending")})`, legend: "approvals" }],
        },
        {
          kind: "graph",
          title: "Wait for an approval",
          description: "From the request to the answer, or to the end of its time. The dots are traces.",
          unit: "s",
          width: 12,
          queries: quantiles("approvalWait", [0.5, 0.95], "", true),
        },
        {
          kind: "bars",
          title: "Notifications",
          description:
            "`retried` and `failed`: a channel does not take them, and `troupe notify log` says why. `dropped`: nobody will hear of it.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("notifications", "", ["channel", "outcome"]), legend: "{{channel}} {{outcome}}" }],
        },
        {
          kind: "bars",
          title: "Times of schedules",
          description:
            "`missed`: nobody served at that time. `skipped`: the run before had not ended. `failed`: `troupe schedules show` says why.",
          unit: "ops",
          width: 12,
          queries: [{ expr: rate("scheduleSlots", "", ["outcome"]), legend: "{{outcome}}" }],
        },
      ],
    },
    {
      title: "Step cache, gates and merges",
      panels: [
        {
          kind: "stat",
          title: "Found in the cache",
          description: "Share of the steps that asked the cache and were given a result, in the time shown.",
          unit: "percentunit",
          width: 6,
          queries: [
            {
              expr: `${increase("cacheRequests", '{result="hit"}')} / ${increase("cacheRequests", '{result=~"hit|miss"}')}`,
              legend: "hits",
            },
          ],
        },
        {
          kind: "bars",
          title: "Requests to the cache",
          description: "`impure`: a check found another result than the cache had; the step's `cache` leaves something out.",
          unit: "ops",
          width: 6,
          queries: [{ expr: rate("cacheRequests", "", ["result"]), legend: "{{result}}" }],
        },
        {
          kind: "bars",
          title: "Test gates",
          description: "By what they said of an attempt.",
          unit: "ops",
          width: 6,
          queries: [{ expr: rate("gateResults", "", ["result"]), legend: "{{result}}" }],
        },
        {
          kind: "bars",
          title: "Merge conflicts",
          description: "Branches of steps that could not be merged.",
          unit: "ops",
          width: 6,
          queries: [{ expr: rate("mergeConflicts"), legend: "conflicts" }],
        },
      ],
    },
  ],
};
