/** Every workload: who does it, with which parameters, and which figures are shown. */
import type { Measurement } from "./child-process.ts";

export interface Contender extends Measurement {
  readonly name: string;
  /** What survives a power cut, in words; shown in every row. */
  readonly durability: string;
  readonly kind: "ours" | "limit" | "peer";
}

export interface Workload {
  readonly id: string;
  readonly title: string;
  /** Figures of a row, in order. The first is compared: how many times ours is better. */
  readonly figures: readonly string[];
  readonly isLessBetter: boolean;
  readonly contenders: readonly Contender[];
}

const FULL = "fsync before every effect";
const NONE = "nothing is kept";

const script = (path: string): URL => new URL(path, import.meta.url);
const ours = (path: string, parameters: Measurement["parameters"], nodeOptions: readonly string[] = []): Contender => {
  return { name: "troupe", kind: "ours", durability: FULL, script: script(`./workloads/${path}`), parameters, nodeOptions };
};
const commitOnly = (steps: number, inFlight: number): Contender => {
  return {
    name: "limit: commit only",
    kind: "limit",
    durability: "fsync, no journal",
    script: script("./limits/commit-only.ts"),
    parameters: { steps, inFlight },
  };
};

export function listWorkloads(isQuick: boolean): readonly Workload[] {
  return [
    ...listEngineWorkloads(isQuick ? 0.25 : 1),
    ...listOverheadWorkloads(isQuick ? 0.25 : 1),
    ...listReaderWorkloads(isQuick ? 0.25 : 1),
    ...listShellWorkloads(),
    ...listLanguageWorkloads(isQuick ? 0.25 : 1),
    ...listCacheWorkloads(isQuick ? 0.25 : 1),
    ...listBreakerWorkloads(isQuick ? 0.25 : 1),
    ...listApiWorkloads(isQuick ? 0.25 : 1),
  ];
}

function listEngineWorkloads(scale: number): readonly Workload[] {
  const parked = (name: string, on: "approval" | "timer", ownsProcess: boolean): Contender => {
    const parameters = { runs: 10_000 * scale, on, parkMs: 20_000 * Math.max(scale, 0.5), ownsProcess };
    return { ...ours("w4-parked.ts", parameters, ["--expose-gc"]), name };
  };
  const runs = 1_000 * scale;
  const cpu = ["mainCpuUsPerStep", "writerCpuUsPerStep", "cpuUsPerStep"];
  return [
    ...[100, 1_000].map((inFlight): Workload => {
      return {
        id: "w1",
        title: `${runs} runs x 5 steps, ${inFlight} in flight`,
        figures: ["stepsPerS", "runsPerS", "p50Ms", "p99Ms", ...cpu],
        isLessBetter: false,
        contenders: [ours("w1-chains.ts", { runs, steps: 5, inFlight, warmUp: runs / 2 }), commitOnly(runs * 50, inFlight)],
      };
    }),
    {
      id: "w2",
      title: `fan-out of ${1_000 * scale} steps, then a join`,
      figures: ["stepsPerS", "wallMs", ...cpu],
      isLessBetter: false,
      contenders: [ours("w2-fan-out.ts", { width: 1_000 * scale, warmUp: 3 }), commitOnly(50_000 * scale, 1_000 * scale)],
    },
    {
      id: "w3",
      title: `chain of ${1_000 * scale} steps`,
      figures: ["p50Ms", "p99Ms", "stepsPerS", ...cpu],
      isLessBetter: true,
      contenders: [ours("w3-chain.ts", { length: 1_000 * scale, warmUp: 2 }), commitOnly(1_000 * scale, 1)],
    },
    {
      id: "w4",
      title: `${10_000 * scale} runs parked, all let go at once`,
      figures: ["parkS", "wakeS", "memoryMib", "heapMib", "parkCpuUsPerRun", "wakeCpuUsPerRun"],
      isLessBetter: true,
      contenders: [
        parked("approval", "approval", false),
        parked("approval, own process", "approval", true),
        parked("timer", "timer", false),
        parked("timer, own process", "timer", true),
      ],
    },
  ];
}

/** Floors: under 1 % with nothing attached, under 5 % with everything. Pairs are within a process; the first figure is the one that counts. */
function listOverheadWorkloads(scale: number): readonly Workload[] {
  const runs = 1_000 * scale;
  const watched = (name: string, metrics: boolean, traces: boolean): Contender => {
    const parameters = { runs, steps: 5, inFlight: 100, pairs: 12, metrics, traces };
    return { ...ours("w10-observed.ts", parameters), name };
  };
  return [
    {
      id: "overhead",
      title: `W1 watched and not, in pairs: ${runs} runs x 5 steps, 100 in flight`,
      figures: [
        "mainCpuOverheadPercent",
        "wallOverheadPercent",
        "cpuOverheadPercent",
        "plainMainCpuUsPerStep",
        "watchedMainCpuUsPerStep",
        "plainStepsPerS",
      ],
      isLessBetter: true,
      contenders: [
        watched("nothing attached", false, false),
        watched("metrics", true, false),
        watched("traces", false, true),
        watched("both", true, true),
      ],
    },
  ];
}

/** Floors: 100 clients cost W1 5 %, 5,000 are told everything within a second; at the runs' own pace everything within 100 ms. */
function listReaderWorkloads(scale: number): readonly Workload[] {
  const runs = 1_000 * scale;
  const read = (clients: number, steps: number, stepMs: number): Contender => {
    return { ...ours("w9-readers.ts", { runs, steps, stepMs, clients }), name: `troupe, ${clients} clients` };
  };
  const figures = ["stepsPerS", "lagP50Ms", "lagP99Ms", "mainCpuUsPerStep", "eventsTold"];
  return [
    {
      id: "w9",
      title: `${runs} active runs as fast as they go, followed by SSE from another process`,
      figures,
      isLessBetter: false,
      contenders: [0, 1, 100, 5_000 * scale].map((clients) => read(clients, 20, 0)),
    },
    {
      id: "w9",
      title: `${runs} active runs whose steps take half a second to one and a half`,
      figures,
      isLessBetter: false,
      contenders: [0, 1, 100, 1_000, 5_000 * scale].map((clients) => read(clients, 10, 1_000)),
    },
  ];
}

function listShellWorkloads(): readonly Workload[] {
  return ["true", "sleep 0.05"].flatMap((command): readonly Workload[] => {
    const whole = (which: string, kind: Contender["kind"]): Contender => {
      const durability = kind === "ours" ? FULL : NONE;
      return { name: which, kind, durability, script: script("./workloads/w5-commands.ts"), parameters: { command, which } };
    };
    return [
      {
        id: "w5",
        title: `36 shell steps (${command}) in 12 waves of 3, in the engine`,
        figures: ["engineMs"],
        isLessBetter: true,
        contenders: [
          { ...ours("w5-shell.ts", { command, warmUp: 0 }), name: "troupe, first run" },
          { ...ours("w5-shell.ts", { command, warmUp: 1 }), name: "troupe, second run" },
        ],
      },
      {
        id: "w5",
        title: `36 shell steps (${command}) in 12 waves of 3, the whole command`,
        figures: ["wholeMs"],
        isLessBetter: true,
        contenders: [
          whole("troupe", "ours"),
          { ...whole("cached", "ours"), name: "troupe, warm cache" },
          whole("script", "limit"),
          whole("make", "peer"),
          whole("ninja", "peer"),
        ],
      },
    ];
  });
}

function listLanguageWorkloads(scale: number): readonly Workload[] {
  const plan = (steps: number, needs: number, format: string): Workload => {
    const reading: Contender = {
      name: "limit: yaml, reading only",
      kind: "limit",
      durability: NONE,
      script: script("./limits/read-yaml.ts"),
      parameters: { steps, needs },
    };
    return {
      id: "w7",
      title: `plan and validate ${steps} steps from ${format}`,
      figures: ["totalMs", "compileMs", "planMs", "edges"],
      isLessBetter: true,
      contenders: [{ ...ours("w7-plan.ts", { steps, needs, format }), durability: NONE }, ...(format === "yaml" ? [reading] : [])],
    };
  };
  return [
    {
      id: "w6",
      title: "cold command line, one step",
      figures: ["resultMs", "exitMs"],
      isLessBetter: true,
      contenders: [
        { ...ours("w6-start.ts", { step: "  - { id: only, run: 'true' }" }), name: "troupe, shell step" },
        { ...ours("w6-start.ts", { step: "  - { id: only, check: '1 == 1' }" }), name: "troupe, assert step" },
      ],
    },
    plan(10_000 * scale, 6, "yaml"),
    plan(10_000 * scale, 6, "document"),
    plan(500, 3, "yaml"),
    {
      id: "w8",
      title: "expressions and templates",
      figures: ["uncachedPerS", "cachedPerS", "cachedLargePerS", "substitutionsPerS", "substitutionsLargePerS"],
      isLessBetter: false,
      contenders: [{ ...ours("w8-expressions.ts", { rounds: 20_000 * scale }), durability: NONE }],
    },
  ];
}

/** The floor is a millisecond a call. */
function listBreakerWorkloads(scale: number): readonly Workload[] {
  return [
    {
      id: "breaker",
      title: "a call through a circuit breaker, one of a thousand",
      figures: ["closedP50Us", "closedP99Us", "openP50Us", "openP99Us", "barePromiseP50Us"],
      isLessBetter: true,
      contenders: [{ ...ours("breaker-call.ts", { calls: 100_000 * scale, breakers: 1_000 }), durability: "moves only, a moment later" }],
    },
  ];
}

function listCacheWorkloads(scale: number): readonly Workload[] {
  const entries = 100_000 * scale;
  return [
    {
      id: "cache",
      title: `step cache: look-ups among ${entries} results, each with 10 declared files`,
      figures: ["hitP99Ms", "hitP50Ms", "missP50Ms", "missP99Ms"],
      isLessBetter: true,
      contenders: [{ ...ours("cache-look-up.ts", { entries, lookUps: 2_000 * scale }), durability: "renamed, not flushed" }],
    },
  ];
}

/**
 * Floors: p99 below 20 ms, of what is read and of starts at 200 a second. Asked at a rate, as people and programs do, and not as fast as it
 * goes; ten clients that all begin at the same moment of every second show what a queue at the server adds.
 */
function listApiWorkloads(scale: number): readonly Workload[] {
  const stored = 10_000 * scale;
  const active = 200;
  const asked = (name: string, paths: readonly string[] | null, arrive = "in turns"): Contender => {
    const parameters = { stored, active, seconds: 20 * scale, rate: 200, paths, arrive };
    return { ...ours("api.ts", parameters), name, timeoutMs: 600_000 };
  };
  const list = ["/runs", "/runs?state=running", "/runs?workflow=done&limit=100", "/runs?q=don", "/runs?from=1&limit=100"];
  const one = ["/runs/{run}", "/runs/{busy}", "/runs/{run}/steps", "/runs/{run}/steps/c", "/runs/{busy}/why", "/runs/{run}/definition"];
  const figures = ["/runs/{run}/stats", "/runs/{run}/trace", "/runs/{run}/graph", "/runs/{run}/events", "/runs/{run}?at=5"];
  const plant = [
    "/workflows",
    "/workflows/hello",
    "/workflows/hello/plan",
    "/approvals",
    "/quarantine",
    "/tools",
    "/breakers",
    "/costs",
    "/tenants",
    "/system",
  ];
  return [
    {
      id: "api",
      title: `${stored} runs stored, ${active} active, read at 200 requests/s`,
      figures: ["p99Ms", "p50Ms", "maxMs", "requestsPerS", "serverCpuMs"],
      isLessBetter: true,
      contenders: [
        asked("lists of runs", list),
        asked("a run", one),
        asked("figures of a run", figures),
        asked("everything else", plant),
        asked("all of these, ten at once", [...list, ...one, ...figures, ...plant], "together"),
      ],
    },
    {
      id: "api",
      title: `${stored} runs stored, ${active} active, runs started at 200/s`,
      figures: ["p99Ms", "p50Ms", "maxMs", "requestsPerS", "serverCpuMs"],
      isLessBetter: true,
      contenders: [asked("start of a run", null), asked("start, ten at once", null, "together")],
    },
  ];
}
