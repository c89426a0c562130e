/** What every page is given. */
export interface PageProps {
  /** Parts of the address, decoded. */
  readonly parts: Readonly<Record<string, string>>;
}
