/** From Ajv's list of errors to ours: one entry for each thing that is wrong, at the path where an author would look for it. */

import { type Found, messageOf, showValue } from "./data-message.ts";
import { formatPath, type Segment } from "./source-node.ts";

export interface DataError {
  /** Where the value is, such as `input.loads[2].value`. */
  readonly path: string;
  /** What is wrong with it: `Value 15000 exceeds maximum 10000`. */
  readonly message: string;
  /** The keyword of the schema that says so. */
  readonly keyword: string;
}

/** The same with the path in parts, for those who look up a place. */
export interface LocatedError extends DataError {
  readonly segments: readonly Segment[];
  readonly found: Found;
}

/** Errors told at most; a list of a million wrong items is not. */
const DATA_ERRORS_MAX = 1_000;
/** Errors looked at to tell them: several may become one. */
const FOUND_MAX = 4 * DATA_ERRORS_MAX;

/** @param root name of the whole value in paths; empty for none. */
export function toDataErrors(found: readonly Found[], root: string): LocatedError[] {
  const errors: LocatedError[] = [];
  for (const { error, message } of withoutBranches(found.slice(0, FOUND_MAX))) {
    if (errors.length >= DATA_ERRORS_MAX) break;
    const segments = segmentsOf(error);
    const path = formatPath(root === "" ? segments : [root, ...segments]);
    errors.push({ path, message, keyword: error.keyword, segments, found: error });
  }
  return errors;
}

interface Told {
  readonly error: Found;
  readonly message: string;
}

/**
 * A value that fits none of several forms fails each of them, and Ajv lists all those failures before the one that matters. They are
 * taken back and become one sentence.
 */
function withoutBranches(found: readonly Found[]): Told[] {
  const told: Told[] = [];
  for (const error of found) {
    switch (error.keyword) {
      case "anyOf":
      case "oneOf":
        told.push({ error, message: formsMessage(error, takeBranches(told, error)) });
        break;
      case "contains":
        takeBranches(told, error);
        told.push({ error, message: messageOf(error) });
        break;
      case "propertyNames": {
        const [reason] = takeWhile(
          told,
          (one) => one.propertyName === error.params.propertyName && one.instancePath === error.instancePath,
        );
        told.push({ error, message: reason === undefined ? messageOf(error) : `${messageOf(error)}: ${reason.message}` });
        break;
      }
      case "if":
        break; // the branch's own errors stand before it
      default:
        told.push({ error, message: messageOf(error) });
    }
  }
  return told;
}

function takeBranches(told: Told[], { schemaPath, instancePath }: Found): Told[] {
  const schema = schemaPath.slice(0, schemaPath.lastIndexOf("/") + 1);
  return takeWhile(told, (one) => {
    const isInside = one.instancePath === instancePath || one.instancePath.startsWith(`${instancePath}/`);
    // A branch that is a reference has a schema path of its own; other keywords beside `anyOf` have the path of its schema.
    return isInside && (one.schemaPath.startsWith(`${schemaPath}/`) || !one.schemaPath.startsWith(schema));
  });
}

function takeWhile(told: Told[], isTaken: (error: Found) => boolean): Told[] {
  let from = told.length;
  while (from > 0 && isTaken((told[from - 1] as Told).error)) from--; // from > 0: there is one before it
  return told.splice(from);
}

function formsMessage(error: Found, branches: readonly Told[]): string {
  const value = showValue(error.data);
  if (error.keyword === "oneOf" && Array.isArray(error.params.passingSchemas))
    return `Value ${value} fits more than one of the allowed forms`;
  const here = branches.filter((branch) => branch.error.instancePath === error.instancePath);
  if (here.length === branches.length && branches.length > 0) {
    if (here.every((branch) => branch.error.keyword === "type")) {
      return `Value ${value} is not of type ${[...new Set(here.map(({ error: { params } }) => String(params.type).split(",").join(" or ")))].join(" or ")}`;
    }
    const allowed = here.map(({ error: { keyword, params } }) =>
      keyword === "const" ? [params.allowedValue] : keyword === "enum" ? params.allowedValues : null,
    );
    if (allowed.every(Array.isArray)) return `Value ${value} is not one of [${allowed.flat().map(showValue).join(", ")}]`;
  }
  // The failure that lies deepest belongs to the form that the author most likely meant.
  const closest = branches.toSorted((one, other) => depth(other.error) - depth(one.error))[0];
  if (closest === undefined) return `Value ${value} fits none of the allowed forms`;
  const at = formatPath(segmentsOf(closest.error).slice(depth(error)));
  return `Value ${value} fits none of the allowed forms; closest: ${at === "" ? "" : `${at}: `}${closest.message}`;
}

function depth({ instancePath }: Found): number {
  return instancePath === "" ? 0 : instancePath.split("/").length - 1;
}

/** The path of the value, and for a missing or unknown one the name that is meant. Numbers are taken for positions in a list. */
function segmentsOf({ instancePath, params, keyword }: Found): Segment[] {
  const segments: Segment[] = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .map((part) => (/^(?:0|[1-9]\d*)$/.test(part) ? Number(part) : part));
  const named =
    keyword === "dependentRequired" || keyword === "dependencies"
      ? undefined
      : (params.missingProperty ?? params.additionalProperty ?? params.unevaluatedProperty);
  if (typeof named === "string") segments.push(named);
  return segments;
}
