/**
 * Follows files that change. Directories are watched, not files: ten thousand files lie in a few hundred of them. Nothing is looked at in
 * what belongs to git, to package managers or to Troupe, and what git ignores does not count.
 */
import { spawnSync } from "node:child_process";
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join, matchesGlob, relative, resolve, sep } from "node:path";

/** An editor writes a file in several moves, and a checkout writes many. */
const QUIET_MS = 150;
const NEVER: ReadonlySet<string> = new Set([".git", "node_modules"]);

export interface FileWatchOptions {
  /** Patterns and paths are relative to it. */
  readonly cwd: string;
  readonly patterns: readonly string[];
  /** Absolute; nothing in it counts. */
  readonly state: string;
  /** Told when a directory cannot be watched, as where the machine's limit is reached. */
  readonly warn: (message: string) => void;
}

export interface FileWatch extends Disposable {
  /** Directories that are watched. */
  readonly directories: number;
  /** Resolves, once all is quiet, with what has changed since it was asked last. */
  changed(): Promise<readonly string[]>;
}

export function watchFiles(options: FileWatchOptions): FileWatch {
  return new TreeWatch(options);
}

class TreeWatch implements FileWatch {
  readonly #options: FileWatchOptions;
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #changed = new Set<string>();
  #quiet: NodeJS.Timeout | undefined;
  #asked: PromiseWithResolvers<readonly string[]> | null = null;

  constructor(options: FileWatchOptions) {
    this.#options = options;
    for (const root of new Set(options.patterns.map(rootOf))) this.#add(join(options.cwd, root), false);
  }

  get directories(): number {
    return this.#watchers.size;
  }

  changed(): Promise<readonly string[]> {
    this.#asked ??= Promise.withResolvers();
    const { promise } = this.#asked;
    if (this.#changed.size > 0) this.#settle();
    return promise;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** @param isNew what is in a directory that has just come has changed too */
  #add(directory: string, isNew: boolean): void {
    if (this.#watchers.has(directory) || this.#isOutside(directory)) return;
    try {
      const watcher = watch(directory, (_event, name) => {
        if (name !== null) this.#noticed(join(directory, name));
      });
      watcher.on("error", () => this.#remove(directory)); // It is gone.
      this.#watchers.set(directory, watcher);
      for (const entry of readdirSync(directory, { withFileTypes: true })) {
        const path = join(directory, entry.name);
        if (entry.isDirectory()) this.#add(path, isNew);
        else if (isNew) this.#note(path);
      }
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== "ENOTDIR") this.#options.warn(`${directory} cannot be watched: ${code ?? String(thrown)}`);
    }
  }

  #remove(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }

  #noticed(path: string): void {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) this.#add(path, true);
    else {
      if (stat === undefined) this.#remove(path);
      this.#note(path);
    }
  }

  #note(path: string): void {
    const { cwd, patterns } = this.#options;
    const name = relative(cwd, path).split(sep).join("/");
    if (this.#isOutside(path) || !patterns.some((pattern) => matchesGlob(name, pattern))) return;
    this.#changed.add(name);
    this.#settle();
  }

  #settle(): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (this.#asked === null) return;
      const paths = notIgnored([...this.#changed].sort(), this.#options.cwd);
      this.#changed.clear();
      if (paths.length === 0) return;
      this.#asked.resolve(paths);
      this.#asked = null;
    }, QUIET_MS);
  }

  #isOutside(path: string): boolean {
    const { cwd, state } = this.#options;
    const parts = relative(cwd, path).split(sep);
    return parts[0] === ".." || parts.some((part) => NEVER.has(part)) || path === state || path.startsWith(state + sep);
  }
}

/** The part of a pattern that is a path. */
function rootOf(pattern: string): string {
  const parts = pattern.split("/");
  const first = parts.findIndex((part) => /[*?[{(!]/.test(part));
  return (first === -1 ? parts.slice(0, -1) : parts.slice(0, first)).join("/");
}

/** Git knows best what it ignores; without git, or outside of a repository, nothing is. */
function notIgnored(paths: readonly string[], cwd: string): readonly string[] {
  if (paths.length === 0) return paths;
  const asked = spawnSync("git", ["check-ignore", "-z", "--stdin"], {
    cwd: resolve(cwd),
    input: paths.join("\0"),
    encoding: "utf8",
    timeout: 5_000,
  });
  const ignored = new Set(asked.status === 0 ? asked.stdout.split("\0") : []);
  return paths.filter((path) => !ignored.has(path));
}
