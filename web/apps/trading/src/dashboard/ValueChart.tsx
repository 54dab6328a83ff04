import { useChatStore } from "@uchat/chat";
import type { Equity } from "@uchat/contracts";
import { money, signed, signedPercent } from "../ui/money";
import { Trend } from "../ui/Trend";
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
  const equity = useChatStore((state) => state.equity);
  const points = pointsOf(equity);
  return (
    <figure className="value-chart">
      <div className="value-chart-plot">
        {points.length > 1 ? (
          <Plot points={points} label={summaryOf(equity, points)} />
        ) : (
          <p className="value-chart-empty">
            {equity === null ? "" : "The line begins as soon as there is something to compare."}
          </p>
        )}
      </div>
      <div className="value-chart-foot">
        <Periods />
        {equity !== null && points.length > 1 && <Measures equity={equity} />}
      </div>
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

function Measures({ equity }: { equity: Equity }) {
  const deepest = Number(equity.max_drawdown_pct ?? 0);
  return (
    <figcaption className="measures">
      <span title="Time-weighted: what was paid in or out is neither gain nor loss">
        Return <Trend of={equity.return_pct}>{signedPercent(equity.return_pct)}</Trend>
      </span>
      <span>Deepest fall {deepest > 0 ? signedPercent(String(-deepest)) : "none"}</span>
    </figcaption>
  );
}

function summaryOf(equity: Equity | null, points: readonly Point[]): string {
  const first = points[0]?.value ?? 0;
  const last = points.at(-1)?.value ?? 0;
  const change = signed(equity?.change ?? String(last - first));
  const percent = equity?.return_pct ? `, ${signedPercent(equity.return_pct)}` : "";
  const [from, to] = [money(String(first)), money(String(last))];
  return `Value from ${from} to ${to} ${equity?.currency ?? ""}: ${change}${percent}`;
}
