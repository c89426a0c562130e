export function gross(cents, rate = 0.2) {
  return Math.round(cents * (1 + rate));
}

export function discounted(cents, percent) {
  return Math.round(cents - (cents * percent) / 100);
}
