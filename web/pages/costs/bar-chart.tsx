/** Bars over days, drawn; and the same as a table, which is what screen readers are given. Other sums are bars in the table itself. */
import { count, money } from "../../ui/format.ts";
import { isNarrow } from "../../ui/narrow.ts";
import { type Dimension, niceMax, type Sum } from "./tally.ts";

interface BarChartProps {
  readonly sums: readonly Sum[];
  readonly by: Dimension;
  readonly total: number;
}

export function BarChart({ sums, by, total }: BarChartProps) {
  const max = Math.max(0, ...sums.map(({ usd }) => usd));
  return (
    <>
      {by === "day" && <DayBars sums={sums} max={niceMax(max)} />}
      <div class="cost-table-holder">
        <table class="cost-table">
          <caption class="hidden">Costs by {by}</caption>
          <thead>
            <tr>
              <th scope="col">{by.charAt(0).toUpperCase() + by.slice(1)}</th>
              {by !== "day" && (
                <th scope="col" class="cost-bar-head">
                  <span class="hidden">Share as a bar</span>
                </th>
              )}
              <th scope="col" class="number">
                Cost
              </th>
              <th scope="col" class="number">
                Share
              </th>
              <th scope="col" class="number">
                Attempts
              </th>
            </tr>
          </thead>
          <tbody>
            {(by === "day" ? sums.toReversed().filter(({ attempts }) => attempts > 0) : sums).map(({ name, usd, attempts }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                {by !== "day" && (
                  <td class="cost-bar-cell" aria-hidden="true">
                    <span class="cost-bar" style={{ width: `${max === 0 ? 0 : (100 * usd) / max}%` }} />
                  </td>
                )}
                <td class="number" title={`${usd} USD`}>
                  {money(usd)}
                </td>
                <td class="number">{total === 0 ? "—" : `${Math.round((100 * usd) / total)}%`}</td>
                <td class="number">{count(attempts)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}

/** Pixels of a large screen and of a phone, so that texts are as large as others. */
const WIDTHS = { wide: 1_000, narrow: 348 } as const;
const HEIGHT = 220;
const [LEFT, TOP, BOTTOM] = [64, 10, 24];

function DayBars({ sums, max }: { readonly sums: readonly Sum[]; readonly max: number }) {
  const whole = isNarrow.value ? WIDTHS.narrow : WIDTHS.wide;
  const labels = isNarrow.value ? 4 : 8;
  const track = (whole - LEFT) / sums.length;
  const width = Math.max(1, Math.min(40, track * 0.72));
  const high = HEIGHT - TOP - BOTTOM;
  const every = Math.ceil(sums.length / labels);
  const y = (usd: number): number => TOP + high * (1 - usd / max);
  return (
    <figure class="cost-chart">
      <svg viewBox={`0 0 ${whole} ${HEIGHT}`} role="img" aria-label="Cost of each day; the table below has the numbers">
        {[0, 0.5, 1].map((part) => (
          <g key={part}>
            <line class="cost-grid" x1={LEFT} x2={whole} y1={y(part * max)} y2={y(part * max)} />
            <text class="cost-axis" x={LEFT - 8} y={y(part * max) + 4} text-anchor="end">
              {money(part * max)}
            </text>
          </g>
        ))}
        {sums.map(({ name, usd, attempts }, index) => {
          const middle = LEFT + track * (index + 0.5);
          return (
            <g key={name} class="cost-day">
              <title>{`${name}: ${money(usd)}, ${count(attempts)} attempts`}</title>
              <rect class="cost-hit" x={LEFT + track * index} y={TOP} width={track} height={high} />
              <rect
                class="cost-fill"
                x={middle - width / 2}
                y={y(usd)}
                width={width}
                height={Math.max(usd > 0 ? 1 : 0, (high * usd) / max)}
                rx={Math.min(3, width / 4)}
              />
              {(sums.length - 1 - index) % every === 0 && (
                <text
                  class="cost-axis"
                  x={middle}
                  y={HEIGHT - 6}
                  text-anchor={index === sums.length - 1 && sums.length > labels ? "end" : "middle"}
                >
                  {dayText(name)}
                </text>
              )}
            </g>
          );
        })}
      </svg>
    </figure>
  );
}

const short = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function dayText(day: string): string {
  return short.format(Date.parse(day));
}
