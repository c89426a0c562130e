/** Functions that a worker thread is given in tests. */
export function double(input: { readonly n: number }): { readonly n: number } {
  return { n: input.n * 2 };
}

export function fail(): never {
  throw Object.assign(new TypeError("fetch failed", { cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }) }), {
    status: 503,
  });
}

export function reject(): Promise<never> {
  return Promise.reject(new Error("rejected"));
}

export function spin(): never {
  for (;;);
}

export function exit(): void {
  process.exit(3);
}

export function hoard(): unknown {
  const all: unknown[] = [];
  for (;;) all.push(new Array(1_000_000).fill(Math.random()));
}

export function uncloneable(): unknown {
  return { call: () => 1 };
}

export function stray(): Promise<string> {
  void Promise.reject(new Error("nobody waits for this"));
  return new Promise((resolve) => setTimeout(resolve, 100, "late"));
}
