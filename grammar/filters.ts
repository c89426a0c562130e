/** The closed list of filters: names, parameters and meaning. What they compute is in `src/expression/filters/`; `docs/grammar.md` lists the same. */
export interface FilterParameter {
  readonly name: string;
  readonly required: boolean;
}

export interface FilterSignature {
  readonly parameters: readonly FilterParameter[];
  /** Arguments without a name fill no parameter: `map` passes them on to the filter it applies. */
  readonly variadic?: boolean;
  readonly doc: string;
}

/** `a` is required, `a?` is not. */
function signature(parameters: string, doc: string, variadic = false): FilterSignature {
  const names = parameters === "" ? [] : parameters.split(" ");
  return {
    parameters: names.map((name) => ({ name: name.replace("?", ""), required: !name.endsWith("?") })),
    doc,
    ...(variadic && { variadic }),
  };
}

export const filterSignatures = {
  default: signature(
    "default_value? boolean?",
    "`default_value` (else an empty text) where the target is missing; with `boolean=true` also where it counts as false",
  ),
  length: signature("", "number of characters, items or keys"),
  lower: signature("", "in lower case"),
  upper: signature("", "in upper case"),
  trim: signature("chars?", "without white space, or any of `chars`, at both ends"),
  split: signature("separator? maxsplit?", "list of the parts between separators; without one, of the words"),
  join: signature("d? attribute?", "the items as one text, with `d` between"),
  replace: signature("old new count?", "every `old`, or the first `count` of them, replaced by `new`"),
  json: signature("indent?", "as JSON text"),
  fromjson: signature("", "the value that a JSON text stands for"),
  keys: signature("", "list of a map's keys"),
  values: signature("", "list of a map's values"),
  map: signature(
    "attribute? default?",
    "each item's `attribute=`; or each item after the filter named first, which gets the further arguments",
    true,
  ),
  selectattr: signature("attribute test? value?", "the items whose attribute passes the test, or counts as true"),
  rejectattr: signature("attribute test? value?", "the items whose attribute does not pass the test"),
  first: signature("", "the first item or character"),
  last: signature("", "the last item or character"),
  unique: signature("case_sensitive? attribute?", "each item once, the first of its kind"),
  sort: signature("reverse? case_sensitive? attribute?", "in order; texts without regard to case unless asked"),
  reverse: signature("", "back to front"),
  sum: signature("attribute? start?", "the items added up"),
  min: signature("case_sensitive? attribute?", "the smallest item"),
  max: signature("case_sensitive? attribute?", "the largest item"),
  round: signature(
    "precision? method?",
    "rounded to `precision` decimals; `method` is `common` (halves go to the even neighbour), `ceil` or `floor`",
  ),
  abs: signature("", "without its sign"),
  int: signature("default? base?", "as a whole number, cut towards zero; `default` (else 0) where it is none"),
  float: signature("default?", "as a number; `default` (else 0) where it is none"),
  string: signature("", "as text"),
  slice: signature("slices fill_with?", "the items dealt out into `slices` lists of about equal length"),
  sha256: signature("", "SHA-256 of the text's UTF-8 bytes, in hexadecimal"),
  date: signature("format?", "a time (ISO 8601 text or milliseconds since 1970) in UTC, by `%Y %m %d %H %M %S` and the like"),
  duration: signature("", "a duration text (`1h30m`) in milliseconds; milliseconds as text for people"),
  quote: signature("", "quoted as one word for a POSIX shell"),
} as const satisfies Record<string, FilterSignature>;

export type FilterName = keyof typeof filterSignatures;

export function isFilterName(name: string): name is FilterName {
  return Object.hasOwn(filterSignatures, name);
}

/** The signature by name; undefined if there is no such filter. */
export function signatureOf(name: string): FilterSignature | undefined {
  return isFilterName(name) ? filterSignatures[name] : undefined;
}
