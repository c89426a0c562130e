/** Adds up what was read, in euros. A currency without a rate is counted in `unknown`. */
export function report({ shards, rates }) {
  const regions = shards.map(({ key, output }) => ({ region: key, rows: output.rows, eur: toEuros(output.sums, rates) }));
  return {
    regions,
    rows: regions.reduce((sum, { rows }) => sum + rows, 0),
    total_eur: round(regions.reduce((sum, { eur }) => sum + eur, 0)),
    unknown: [...new Set(shards.flatMap(({ output }) => Object.keys(output.sums)).filter((currency) => !(currency in rates)))].sort(),
  };
}

function toEuros(sums, rates) {
  return round(Object.entries(sums).reduce((sum, [currency, cents]) => sum + (cents / 100) * (rates[currency] ?? 0), 0));
}

function round(amount) {
  return Math.round(amount * 100) / 100;
}
