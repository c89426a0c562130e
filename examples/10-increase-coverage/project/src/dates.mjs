/**
 * Whether a year has 366 days.
 * @example isLeapYear(2024) // true
 */
export function isLeapYear(year) {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** The quarter that a month, from 1 to 12, belongs to. */
export function quarterOf(month) {
  return Math.ceil(month / 3);
}
