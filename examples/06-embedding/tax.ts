const RATE = 0.19;

export function computeTax({ net }: { net: number }): number {
  return Math.round(net * RATE * 100) / 100;
}
