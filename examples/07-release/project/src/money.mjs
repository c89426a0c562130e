/** Adds amounts of cents. */
export function addCents(...amounts) {
  return amounts.reduce((sum, amount) => sum + amount, 0);
}

export function formatCents(cents) {
  return (cents / 100).toFixed(2);
}
