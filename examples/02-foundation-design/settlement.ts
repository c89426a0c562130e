/** Recompression of an overconsolidated layer below the footing: Terzaghi's formula in slices, with a 2:1 spread of the load. */
const SOILS = {
  silt: { recompression: 0.02, voidRatio: 0.7, unitWeight: 9.5 },
  clay: { recompression: 0.03, voidRatio: 0.9, unitWeight: 8.5 },
} as const;
/** Depth of the footing's base below ground, and slices of the layer below it; metres. */
const FOUNDING_DEPTH_M = 1.5;
const SLICE_M = 0.25;
const ALLOWED_MM = 75;

export function estimateSettlement(input: { soil: keyof typeof SOILS; side_mm: number; service_kn: number }): {
  settlement_mm: number;
  is_acceptable: boolean;
} {
  const { recompression, voidRatio, unitWeight } = SOILS[input.soil];
  const side_m = input.side_mm / 1_000;
  let settlement_mm = 0;
  for (let depth_m = SLICE_M / 2; depth_m < 2 * side_m; depth_m += SLICE_M) {
    const effectiveKpa = unitWeight * (FOUNDING_DEPTH_M + depth_m);
    const addedKpa = input.service_kn / (side_m + depth_m) ** 2;
    settlement_mm += (recompression / (1 + voidRatio)) * SLICE_M * 1_000 * Math.log10((effectiveKpa + addedKpa) / effectiveKpa);
  }
  return { settlement_mm: Number(settlement_mm.toFixed(1)), is_acceptable: settlement_mm <= ALLOWED_MM };
}
