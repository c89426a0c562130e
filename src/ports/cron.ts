/** When a schedule is due. A rule is a cron expression and the clock of a time zone; times are epoch milliseconds. */
export interface CronRule {
  /** Five fields, or a nickname. */
  readonly cron: string;
  /** IANA name. */
  readonly timezone: string;
}

export interface CronTimes {
  /**
   * The first time after this one; null when there is none.
   *
   * Where a time zone changes its clock: a fixed time that does not exist that day is due at the first moment after the gap, one that
   * there is twice is due the first time; a time by `*` or a step is due whenever the clock shows it.
   *
   * @throws RangeError for a rule that this machine cannot read, such as an unknown time zone
   */
  next(rule: CronRule, after: number): number | null;
  /** Times after `after` and up to `until`, oldest first; of more than `count`, the newest. @throws RangeError */
  between(rule: CronRule, after: number, until: number, count: number): readonly number[];
}
