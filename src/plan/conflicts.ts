/** Which steps must never run at the same time: those that share a lock, or whose `touches` can mean a common file. */
import { DefinitionError } from "../core/errors.ts";
import { at } from "./at.ts";
import { type PathPattern, parsePathPatterns, patternsOverlap } from "./path-overlap.ts";

/** What a step claims for itself while it runs. */
export interface Claims {
  readonly locks: readonly string[];
  readonly touches: readonly string[];
}

/** Entries in all lists together, as with 2,000 steps behind one lock. Each entry costs memory in every place that holds the workflow. */
const CONFLICTS_MAX = 4_000_000;
/** Pairs of patterns compared closely, about a microsecond each: 1,000 patterns that begin with a wildcard. */
const COMPARISONS_MAX = 500_000;

/** A pattern with the steps that claim it, in ascending order. */
interface Claimed {
  readonly pattern: PathPattern;
  readonly steps: number[];
}

/** A directory of literal names; holds the patterns whose literal part ends here. */
interface Directory {
  readonly patterns: Claimed[];
  readonly below: Map<string, Directory>;
}

/**
 * By step index, the indices of the steps it conflicts with, ascending.
 *
 * @throws DefinitionError `DEF_CONFLICTS` when there are more than `CONFLICTS_MAX`.
 */
export function computeConflicts(steps: readonly Claims[]): number[][] {
  const exclusions = createExclusions(steps.length);
  for (const holders of groupByLock(steps)) exclusions.addAmong(holders);
  const claims = groupByPattern(steps);
  for (const { steps: holders } of claims) exclusions.addAmong(holders);
  for (const [one, other] of overlappingClaims(claims)) exclusions.addBetween(one.steps, other.steps);
  return exclusions.toLists();
}

function groupByLock(steps: readonly Claims[]): Iterable<number[]> {
  const holders = new Map<string, number[]>();
  for (const [index, { locks }] of steps.entries()) for (const lock of new Set(locks)) push(holders, lock, index);
  return holders.values();
}

function groupByPattern(steps: readonly Claims[]): Claimed[] {
  const claims = new Map<string, Claimed>();
  for (const [index, { touches }] of steps.entries()) {
    for (const pattern of touches.flatMap((touch) => parsePathPatterns(touch))) {
      const key = `${pattern.root}\0${pattern.segments.join("/")}`;
      const known = claims.get(key);
      if (known === undefined) claims.set(key, { pattern, steps: [index] });
      else if (known.steps.at(-1) !== index) known.steps.push(index);
    }
  }
  return [...claims.values()];
}

/**
 * Two patterns can only overlap if the literal beginning of one is a directory above the other's, so each is compared with what
 * lies on its way from the root. That keeps the usual thousand steps in a thousand places near-linear.
 */
function* overlappingClaims(claims: readonly Claimed[]): Iterable<readonly [Claimed, Claimed]> {
  const roots = new Map<string, Directory>();
  for (const claim of claims) directoryOf(roots, claim.pattern).patterns.push(claim);
  yield* acrossRoots(claims);
  let comparisons = 0;
  for (const claim of claims) {
    const { root, segments, literals } = claim.pattern;
    let directory = roots.get(root);
    for (let depth = 0; directory !== undefined; depth++) {
      for (const other of directory.patterns) {
        // Within one directory both would find each other; the earlier one is found by the later.
        if (depth === literals && other === claim) break;
        if (++comparisons > COMPARISONS_MAX) throw tooMany(COMPARISONS_MAX);
        if (patternsOverlap(claim.pattern, other.pattern)) yield [claim, other];
      }
      directory = depth < literals ? directory.below.get(at(segments, depth)) : undefined;
    }
  }
}

/** Patterns outside the workspace overlap with all of another root. */
function* acrossRoots(claims: readonly Claimed[]): Iterable<readonly [Claimed, Claimed]> {
  const outside = claims.filter(({ pattern }) => pattern.root !== "");
  for (const one of outside) {
    for (const other of claims) if (one.pattern.root !== other.pattern.root) yield [one, other];
  }
}

function directoryOf(roots: Map<string, Directory>, { root, segments, literals }: PathPattern): Directory {
  let directory = child(roots, root);
  for (const name of segments.slice(0, literals)) directory = child(directory.below, name);
  return directory;
}

function child(directories: Map<string, Directory>, name: string): Directory {
  let directory = directories.get(name);
  if (directory === undefined) {
    directory = { patterns: [], below: new Map() };
    directories.set(name, directory);
  }
  return directory;
}

interface Exclusions {
  /** Each with each. */
  addAmong(steps: readonly number[]): void;
  addBetween(left: readonly number[], right: readonly number[]): void;
  toLists(): number[][];
}

function createExclusions(count: number): Exclusions {
  const lists: number[][] = Array.from({ length: count }, () => []);
  let entries = 0;
  const add = (step: number, others: readonly number[]): void => {
    entries += others.length;
    if (entries > CONFLICTS_MAX) throw tooMany(CONFLICTS_MAX);
    const list = at(lists, step);
    for (const other of others) if (other !== step) list.push(other);
  };
  return {
    addAmong(steps) {
      for (const step of steps) add(step, steps);
    },
    addBetween(left, right) {
      for (const step of left) add(step, right);
      for (const step of right) add(step, left);
    },
    // A pair may be there twice, by a lock and by a path.
    toLists: () => lists.map((list) => (list.length === 0 ? list : [...new Set(list)].sort((left, right) => left - right))),
  };
}

function tooMany(max: number): DefinitionError {
  return new DefinitionError("DEF_CONFLICTS", { max });
}

function push(groups: Map<string, number[]>, key: string, index: number): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [index]);
  else group.push(index);
}
