/**
 * Design of a square isolated footing under a concentric column load, by limit state, with the formulas of IS 456:2000.
 * Left out of the engineering scope: moments from the column, neighbouring footings, uplift, seismic combinations.
 *
 * Lengths in mm, forces in kN, moments in kNm, pressures in kPa, stresses in MPa.
 */
const LOAD_FACTOR = 1.5;
/** The footing's own weight and the backfill, as a share of the load on it. */
const SELF_WEIGHT_SHARE = 0.1;
const COVER_MM = 50;
/** Half of the upper layer's bar and the whole of the lower one's, for 16 mm bars. */
const BAR_ALLOWANCE_MM = 24;
const DEPTH_MIN_MM = 300;
const DEPTH_MAX_MM = 2_500;
const DEPTH_STEP_MM = 25;
const SIDE_STEP_MM = 50;
const STEEL_SHARE_MIN = 0.0012;
const BARS_MM = [12, 16, 20, 25, 32] as const;
const SPACING_MM = { min: 100, max: 300, step: 10 } as const;

export const STRENGTH_MPA = { M20: 20, M25: 25, M30: 30 } as const;
const YIELD_MPA = { Fe415: 415, Fe500: 500 } as const;
/** Mu,lim = k fck b d². */
const LIMITING_MOMENT = { Fe415: 0.138, Fe500: 0.133 } as const;

export type Concrete = keyof typeof STRENGTH_MPA;
type Steel = keyof typeof YIELD_MPA;

interface Plan {
  readonly service_kn: number;
  readonly side_mm: number;
  readonly service_pressure_kpa: number;
  readonly factored_pressure_kpa: number;
}

interface Depth {
  readonly overall_mm: number;
  readonly effective_mm: number;
  readonly moment_knm: number;
  readonly punching_ratio: number;
  readonly shear_ratio: number;
  readonly bending_ratio: number;
}

interface Bars {
  readonly bar_mm: number;
  readonly spacing_mm: number;
  readonly count: number;
  readonly area_mm2: number;
  readonly design_ok: boolean;
}

/** The smallest square, in steps of 50 mm, whose net pressure at service load stays below the safe bearing capacity. */
export function sizeFooting(input: { dead_kn: number; live_kn: number; bearing_kpa: number; column_mm: number }): Plan {
  const service_kn = input.dead_kn + input.live_kn;
  const areaM2 = (service_kn * (1 + SELF_WEIGHT_SHARE)) / input.bearing_kpa;
  const side_mm = Math.max(upTo(Math.sqrt(areaM2) * 1_000, SIDE_STEP_MM), input.column_mm + 300);
  const actualM2 = (side_mm / 1_000) ** 2;
  return {
    service_kn,
    side_mm,
    service_pressure_kpa: round((service_kn * (1 + SELF_WEIGHT_SHARE)) / actualM2, 1),
    factored_pressure_kpa: round((LOAD_FACTOR * service_kn) / actualM2, 1),
  };
}

/** The smallest depth that resists punching at d/2 (cl. 31.6.3), one-way shear at d (cl. 34.2.4) and bending at the face (cl. 34.2.3). */
export function designDepth(input: { side_mm: number; pressure_kpa: number; column_mm: number; concrete: Concrete; steel: Steel }): Depth {
  for (let overall_mm = DEPTH_MIN_MM; overall_mm <= DEPTH_MAX_MM; overall_mm += DEPTH_STEP_MM) {
    const depth = checkDepth({ ...input, overall_mm });
    if (depth.punching_ratio <= 1 && depth.shear_ratio <= 1 && depth.bending_ratio <= 1) return depth;
  }
  throw Object.assign(new Error(`No depth up to ${DEPTH_MAX_MM} mm carries ${input.pressure_kpa} kPa.`), { code: "FOOTING_TOO_THIN" });
}

function checkDepth(input: Parameters<typeof designDepth>[0] & { overall_mm: number }): Depth {
  const { side_mm, column_mm, overall_mm } = input;
  const fck = STRENGTH_MPA[input.concrete];
  const effective_mm = overall_mm - COVER_MM - BAR_ALLOWANCE_MM;
  const pressureMpa = input.pressure_kpa / 1_000;
  const cantilever_mm = (side_mm - column_mm) / 2;

  const moment_knm = (pressureMpa * side_mm * cantilever_mm ** 2) / 2 / 1e6;
  const limitKnm = (LIMITING_MOMENT[input.steel] * fck * side_mm * effective_mm ** 2) / 1e6;
  const punchingMpa = punchingStressMpa({ pressureMpa, side_mm, column_mm, effective_mm });
  const shearMpa = (pressureMpa * Math.max(0, cantilever_mm - effective_mm)) / effective_mm;
  const area_mm2 = moment_knm < limitKnm ? steelArea(moment_knm, effective_mm, input) : 0;
  const share = Math.max(area_mm2, STEEL_SHARE_MIN * side_mm * overall_mm) / (side_mm * effective_mm);
  return {
    overall_mm,
    effective_mm,
    moment_knm: round(moment_knm, 1),
    punching_ratio: round(punchingMpa / punchingStrengthMpa(fck), 3),
    shear_ratio: round(shearMpa / shearStrengthMpa(fck, share), 3),
    bending_ratio: round(moment_knm / limitKnm, 3),
  };
}

/** Stress on the perimeter at half the effective depth from the column. */
export function punchingStressMpa(input: { pressureMpa: number; side_mm: number; column_mm: number; effective_mm: number }): number {
  const perimeterSide_mm = input.column_mm + input.effective_mm;
  const forceN = input.pressureMpa * Math.max(0, input.side_mm ** 2 - perimeterSide_mm ** 2);
  return forceN / (4 * perimeterSide_mm * input.effective_mm);
}

/** For a square column: ks = 1. */
export function punchingStrengthMpa(fck: number): number {
  return 0.25 * Math.sqrt(fck);
}

/** Table 19 as a formula (SP 16, 4.1); `share` is the steel's part of the section. */
function shearStrengthMpa(fck: number, share: number): number {
  const beta = Math.max(1, (0.8 * fck) / (6.89 * share * 100));
  return (0.85 * Math.sqrt(0.8 * fck) * (Math.sqrt(1 + 5 * beta) - 1)) / (6 * beta);
}

/** From Mu = 0.87 fy As d (1 − As fy / (b d fck)), the smaller root. */
function steelArea(moment_knm: number, effective_mm: number, input: { side_mm: number; concrete: Concrete; steel: Steel }): number {
  const fck = STRENGTH_MPA[input.concrete];
  const fy = YIELD_MPA[input.steel];
  const inside = 1 - (4.6 * moment_knm * 1e6) / (fck * input.side_mm * effective_mm ** 2);
  return ((0.5 * fck) / fy) * (1 - Math.sqrt(Math.max(0, inside))) * input.side_mm * effective_mm;
}

/** The thinnest bars, the same both ways, whose spacing is between 100 and 300 mm. */
export function designReinforcement(input: {
  side_mm: number;
  overall_mm: number;
  effective_mm: number;
  moment_knm: number;
  concrete: Concrete;
  steel: Steel;
}): Bars {
  const needed_mm2 = Math.max(steelArea(input.moment_knm, input.effective_mm, input), STEEL_SHARE_MIN * input.side_mm * input.overall_mm);
  for (const bar_mm of BARS_MM) {
    const barArea_mm2 = (Math.PI * bar_mm ** 2) / 4;
    const widest_mm = (barArea_mm2 * input.side_mm) / needed_mm2;
    const spacing_mm = Math.min(SPACING_MM.max, Math.floor(widest_mm / SPACING_MM.step) * SPACING_MM.step);
    if (spacing_mm < SPACING_MM.min) continue;
    const count = Math.ceil((input.side_mm - 2 * COVER_MM) / spacing_mm) + 1;
    return { bar_mm, spacing_mm, count, area_mm2: Math.round(count * barArea_mm2), design_ok: count * barArea_mm2 >= needed_mm2 };
  }
  return { bar_mm: 32, spacing_mm: SPACING_MM.min, count: 0, area_mm2: 0, design_ok: false };
}

export function summarise(input: {
  project: string;
  concrete: Concrete;
  plan: Plan;
  depth: Depth | null;
  bars: Bars | null;
  settlement: { settlement_mm: number; is_acceptable: boolean } | null;
  reliability: { beta: number } | null;
}): object {
  const { plan, depth, bars, settlement, reliability } = input;
  const isAcceptable = bars?.design_ok === true && settlement?.is_acceptable !== false;
  return {
    project: input.project,
    verdict: isAcceptable ? "acceptable" : "not acceptable",
    footing: depth === null ? "none" : `${plan.side_mm} × ${plan.side_mm} × ${depth.overall_mm} mm, ${input.concrete}`,
    reinforcement: bars === null ? "none" : `${bars.count} bars of ${bars.bar_mm} mm at ${bars.spacing_mm} mm, each way`,
    concrete_m3: depth === null ? 0 : round((plan.side_mm / 1_000) ** 2 * (depth.overall_mm / 1_000), 2),
    settlement_mm: settlement?.settlement_mm ?? "not needed for this soil",
    reliability_index: reliability?.beta ?? "not asked for",
  };
}

function upTo(value: number, step: number): number {
  return Math.ceil(value / step) * step;
}

function round(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
