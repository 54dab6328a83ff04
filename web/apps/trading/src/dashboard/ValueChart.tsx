import { useChatStore } from "@uchat/chat";
import type { Pnl } from "@uchat/contracts";
import { money, signed, signedPercent } from "../ui/money";
import { areaOf, pathOf, pointsOf, type Point } from "./chart";

const WIDTH = 600;
const HEIGHT = 120;
const PERIODS = [
  { period: "day", name: "1D", label: "1D: one day" },
  { period: "week", name: "1W", label: "1W: one week" },
  { period: "month", name: "1M", label: "1M: one month" },
  { period: "all", name: "All", label: "All time" },
] as const;

/** The portfolio's value over time. */
export function ValueChart() {
  const pnl = useChatStore((state) => state.pnl);
  const currency = useChatStore((state) => state.portfolio?.quote_currency ?? "");
  const points = pointsOf(pnl);
  return (
    <figure className="value-chart">
      <div className="value-chart-plot">
        {points.length > 1 ? (
          <Plot points={points} label={summaryOf(pnl, points, currency)} />
        ) : (
          <p className="value-chart-empty">
            {pnl === null ? "" : "The line begins as soon as there is something to compare."}
          </p>
        )}
      </div>
      <Periods />
    </figure>
  );
}

function Plot({ points, label }: { points: readonly Point[]; label: string }) {
  const rises = (points.at(-1)?.value ?? 0) >= (points[0]?.value ?? 0);
  return (
    <svg
      className={rises ? "plot up" : "plot down"}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <path className="plot-area" d={areaOf(points, WIDTH, HEIGHT)} />
      <path className="plot-line" d={pathOf(points, WIDTH, HEIGHT)} />
    </svg>
  );
}

function Periods() {
  const period = useChatStore((state) => state.period);
  const setPeriod = useChatStore((state) => state.setPeriod);
  return (
    <div className="periods" role="group" aria-label="Period">
      {PERIODS.map((each) => (
        <button
          key={each.period}
          type="button"
          aria-label={each.label}
          aria-pressed={each.period === period}
          onClick={() => setPeriod(each.period)}
        >
          {each.name}
        </button>
      ))}
    </div>
  );
}

function summaryOf(pnl: Pnl | null, points: readonly Point[], currency: string): string {
  const first = points[0]?.value ?? 0;
  const last = points.at(-1)?.value ?? 0;
  const change = signed(String(last - first));
  const percent = pnl?.change_pct ? `, ${signedPercent(pnl.change_pct)}` : "";
  const [from, to] = [money(String(first)), money(String(last))];
  return `Value from ${from} to ${to} ${currency}: ${change}${percent}`;
}
