/**
 * How likely the footing is to fail, by Monte Carlo: loads, strength of the concrete and of the soil are drawn at random, and a
 * sample fails when the soil's ultimate capacity or the punching strength is exceeded. Long computing, so it runs on a worker thread.
 *
 * Spreads as in the literature on probabilistic design: dead load normal (bias 1.05, cov 0.10), live load Gumbel (cov 0.25),
 * concrete normal (mean fck + 1.65 × 4 MPa), bearing capacity lognormal (mean 2.5 times the safe one, cov 0.25).
 */
import { type Concrete, punchingStrengthMpa, punchingStressMpa, STRENGTH_MPA } from "./footing.ts";

interface Input {
  readonly dead_kn: number;
  readonly live_kn: number;
  readonly bearing_kpa: number;
  readonly column_mm: number;
  readonly side_mm: number;
  readonly effective_mm: number;
  readonly concrete: Concrete;
  readonly samples: number;
  readonly seed: number;
}

const DEAD = { bias: 1.05, cov: 0.1 } as const;
const LIVE_COV = 0.25;
const CONCRETE_DEVIATION_MPA = 4;
const SAFETY_OF_BEARING = 2.5;
const BEARING_COV = 0.25;
const EULER_GAMMA = 0.5772156649015329;

export function estimateReliability(input: Input): { samples: number; failures: number; probability: number; beta: number } {
  const random = createRandom(input.seed);
  const area_m2 = (input.side_mm / 1_000) ** 2;
  const strengthMpa = STRENGTH_MPA[input.concrete] + 1.65 * CONCRETE_DEVIATION_MPA;
  const logDeviation = Math.sqrt(Math.log(1 + BEARING_COV ** 2));
  const logMean = Math.log(SAFETY_OF_BEARING * input.bearing_kpa) - logDeviation ** 2 / 2;
  const scale = (LIVE_COV * input.live_kn * Math.sqrt(6)) / Math.PI;
  let failures = 0;
  for (let sample = 0; sample < input.samples; sample++) {
    const dead_kn = input.dead_kn * (DEAD.bias + DEAD.bias * DEAD.cov * normal(random));
    const live_kn = input.live_kn - scale * (EULER_GAMMA + Math.log(-Math.log(random())));
    const pressureKpa = (dead_kn + live_kn) / area_m2;
    const capacityKpa = Math.exp(logMean + logDeviation * normal(random));
    const fck = Math.max(1, strengthMpa + CONCRETE_DEVIATION_MPA * normal(random));
    const stressMpa = punchingStressMpa({ ...input, pressureMpa: pressureKpa / 1_000 });
    // 1.5: the characteristic strength is divided by a material factor, and the formula holds that already.
    if (pressureKpa > capacityKpa || stressMpa > 1.5 * punchingStrengthMpa(fck)) failures++;
  }
  const probability = failures / input.samples;
  return {
    samples: input.samples,
    failures,
    probability,
    beta: Number((-inverseNormal(Math.max(probability, 0.5 / input.samples))).toFixed(2)),
  };
}

/** Marsaglia's xorshift32: the same numbers for the same seed, on every machine. Answers between 0 and 1, never 0. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 4_294_967_296;
  };
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Abramowitz and Stegun 26.2.23; good to 0.00045 for probabilities up to a half. */
function inverseNormal(probability: number): number {
  const t = Math.sqrt(-2 * Math.log(Math.min(probability, 0.5)));
  const numerator = 2.515517 + t * (0.802853 + t * 0.010328);
  const denominator = 1 + t * (1.432788 + t * (0.189269 + t * 0.001308));
  return -(t - numerator / denominator);
}
