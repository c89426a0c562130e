export function isPaid(due, paid) {
  return paid >= due;
}
