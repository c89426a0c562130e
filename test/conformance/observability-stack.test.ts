/**
 * The stack of `docker-compose.yml` by its structure: there is no Docker where the tests run, so nothing here starts a container.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse, parseDocument } from "yaml";

interface Service {
  readonly image: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly network_mode?: string;
  readonly command?: string | readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly privileged?: boolean;
}

const read = (file: string) => parse(readFileSync(file, "utf8"));
const compose: { readonly services: Record<string, Service>; readonly volumes: Record<string, unknown> } = read("docker-compose.yml");
const services = Object.entries(compose.services);

describe("docker-compose.yml", () => {
  test("starts Jaeger, Prometheus and Grafana; the rest is asked for by profile", () => {
    expect(Object.fromEntries(services.map(([name, { profiles = [] }]) => [name, profiles]))).toEqual({
      jaeger: [],
      prometheus: [],
      grafana: [],
      relay: ["linux"],
      collector: ["collector"],
      postgres: ["postgres"],
      redis: ["redis"],
    });
  });

  test("publishes every port on the loopback address only, and each once", () => {
    const ports = services.flatMap(([, { ports = [] }]) => ports.map(String));
    expect(ports.length).toBeGreaterThanOrEqual(7);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    const published = ports.map((port) => port.split(":")[1]);
    expect(new Set(published).size).toBe(published.length);
    // The one that shares the machine's network listens where only containers come by.
    const sharing = services.filter(([, { network_mode: mode }]) => mode !== undefined);
    expect(sharing.map(([name]) => name)).toEqual(["relay"]);
    expect(sharing.map(([, { command }]) => command).join()).toMatch(/,bind=\$\{TROUPE_DOCKER_GATEWAY:-172\.17\.0\.1\},/);
    expect(services.filter(([, { privileged }]) => privileged === true)).toEqual([]);
  });

  test("pins every image to a version, and says why beside it where it matters", () => {
    for (const [, { image }] of services) expect(image).toMatch(/^[a-z]+(\/[a-z-]+)?:v?\d+(\.\d+){1,3}(-alpine)?$/);
  });

  test("mounts only files that are there, read-only, and volumes that are declared", () => {
    const mounts = services.flatMap(([, { volumes = [] }]) => volumes);
    const own = mounts.filter((mount) => mount.startsWith("."));
    for (const mount of own) {
      const [source = "", , mode] = mount.split(":");
      expect(existsSync(source), source).toBe(true);
      expect(mode, mount).toBe("ro");
    }
    expect(own.length).toBeGreaterThanOrEqual(5);
    const named = mounts.filter((mount) => !mount.startsWith(".")).map((mount) => mount.split(":")[0]);
    expect(named.sort()).toEqual(Object.keys(compose.volumes).sort());
  });

  test("checks the health of every service, and waits for it where one needs another", () => {
    for (const [name, { healthcheck, depends_on: needs = {} }] of services) {
      expect(healthcheck?.test[0], name).toBe("CMD");
      for (const [needed, { condition }] of Object.entries(needs)) {
        expect(Object.keys(compose.services)).toContain(needed);
        expect(condition).toBe("service_healthy");
      }
    }
  });
});

describe("the configurations", () => {
  test("are well-formed YAML", () => {
    const files = [...globSync("observability/**/*.{yml,yaml}"), "docker-compose.yml"];
    expect(files.length).toBeGreaterThanOrEqual(8);
    for (const file of files) {
      const document = parseDocument(readFileSync(file, "utf8"), { strict: true });
      expect([...document.errors, ...document.warnings], file).toEqual([]);
    }
  });

  test("of Jaeger and the collector name only parts that they declare", () => {
    for (const file of ["observability/jaeger/config.yaml", "observability/jaeger/collector.yaml"]) {
      const config = read(file);
      const { extensions = [], pipelines } = config.service;
      expect(Object.keys(config.extensions ?? {}).sort()).toEqual([...extensions].sort());
      for (const kind of ["receivers", "processors", "exporters"]) {
        expect(Object.keys(config[kind]).sort(), `${file} ${kind}`).toEqual([...pipelines.traces[kind]].sort());
      }
    }
    const { jaeger_query: query, jaeger_storage: storage } = read("observability/jaeger/config.yaml").extensions;
    expect(Object.keys(storage.backends)).toContain(query.storage.traces);
  });

  test("of Grafana provide the two data sources that the boards name, and lead from an exemplar to its trace", () => {
    const { datasources } = read("observability/grafana/provisioning/datasources/troupe.yaml");
    const uids: readonly string[] = datasources.map(({ uid }: { uid: string }) => uid);
    const asked = globSync("observability/grafana/dashboards/*.json").flatMap((file) => [
      ...readFileSync(file, "utf8").matchAll(/"type": "(?:prometheus|jaeger)",\s+"uid": "([^"]+)"/g),
    ]);
    expect(new Set(asked.map(([, uid]) => uid))).toEqual(new Set(uids));
    const [prometheus] = datasources;
    expect(prometheus.jsonData.exemplarTraceIdDestinations).toEqual([
      expect.objectContaining({ name: "trace_id", datasourceUid: "jaeger" }),
    ]);
    for (const { url } of datasources) expect(Object.keys(compose.services)).toContain(new URL(url).hostname);
  });

  test("of Grafana and Prometheus agree with where the files are mounted", () => {
    const [provider] = read("observability/grafana/provisioning/dashboards/troupe.yaml").providers;
    expect(compose.services.grafana?.volumes).toContain(`./observability/grafana/dashboards:${provider.options.path}:ro`);
    const { rule_files: rules, scrape_configs: jobs } = read("observability/prometheus/prometheus.yml");
    for (const file of rules)
      expect(compose.services.prometheus?.volumes).toContain(`./observability/prometheus/${file}:/etc/prometheus/${file}:ro`);
    const troupe = jobs.find((job: { job_name: string }) => job.job_name === "troupe");
    expect(troupe.static_configs[0].targets).toEqual(["host.docker.internal:9464"]);
    expect(String(compose.services.relay?.command)).toContain("TCP:127.0.0.1:9464");
  });
});
