/** The author's own list of hosts. */

/** Whether one of the patterns (`host`, `host:port`, `*.host`, `*.host:port`) names the place of a URL. */
export function isListedHost({ hostname, port, protocol }: URL, patterns: readonly string[]): boolean {
  const ownPort = port === "" ? (protocol === "https:" ? "443" : "80") : port;
  return patterns.some((pattern) => {
    const [, name = "", portWanted] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(pattern.toLowerCase()) ?? [];
    if (portWanted !== undefined && portWanted !== ownPort) return false;
    if (name.startsWith("*.")) return name.length > 2 && hostname.endsWith(name.slice(1)) && hostname.length > name.length - 1;
    return name !== "" && hostname === name;
  });
}
