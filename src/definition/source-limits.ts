/** How large a document may be. A definition is written by people; these are far above what they write and far below what hurts. */

/** In characters: 1 MiB of ASCII text. */
export const SOURCE_CHARS_MAX = 1_048_576;
export const DEPTH_MAX = 64;
/** Keys and values, counted after aliases are written out. */
export const NODES_MAX = 1_000_000;
