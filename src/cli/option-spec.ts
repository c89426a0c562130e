/** What an option is, declared once for parsing, help and completion. */

/** One option. `flags` is what commander reads: `-i, --input <key=value>`, `--sequential`. */
export interface OptionSpec<TValue> {
  readonly flags: string;
  readonly description: string;
  /** Reads the text given; options without it are switches. @throws Error with a message for the user */
  readonly parse?: (text: string) => TValue;
  /** May be given several times; the value is then the list of all. */
  readonly isMany?: true;
  /** Texts offered by completion. */
  readonly choices?: readonly string[];
}

type ValueOf<TSpec> = TSpec extends { readonly isMany: true; readonly parse: (text: string) => infer TValue }
  ? readonly TValue[]
  : TSpec extends { readonly parse: (text: string) => infer TValue }
    ? TValue | undefined
    : boolean;

export type OptionSpecs = Readonly<Record<string, OptionSpec<unknown>>>;
export type OptionValues<TOptions> = { readonly [TName in keyof TOptions]: ValueOf<TOptions[TName]> };
