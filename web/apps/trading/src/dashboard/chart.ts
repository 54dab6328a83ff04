/** Figures as shapes. Pure. */
import type { Equity, Holding, Portfolio } from "@uchat/contracts";

export interface Point {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly value: number;
}

export function pointsOf(equity: Pick<Equity, "points"> | null): readonly Point[] {
  const points: Point[] = [];
  for (const { at, total } of equity?.points ?? []) {
    const point = { at: Date.parse(at), value: Number(total) };
    if (Number.isFinite(point.at) && Number.isFinite(point.value)) points.push(point);
  }
  return points;
}

/** The line through the points, in an SVG path; time goes from left to right. */
export function pathOf(points: readonly Point[], width: number, height: number): string {
  const values = points.map((point) => point.value);
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A flat line stands in the middle; a small movement does not look like a large one.
  const room = Math.max(high - low, high * 0.002, 1e-9);
  const middle = (high + low) / 2;
  const [from, to] = [points[0]?.at ?? 0, points.at(-1)?.at ?? 1];
  const span = Math.max(to - from, 1);
  const places = points.map(({ at, value }) => {
    const x = ((at - from) / span) * width;
    const y = height / 2 - ((value - middle) / room) * (height - 12);
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${places.join("L")}`;
}

export function areaOf(points: readonly Point[], width: number, height: number): string {
  return `${pathOf(points, width, height)}L${width} ${height}L0 ${height}Z`;
}

export interface Slice {
  readonly symbol: string;
  readonly name: string;
  /** 0 to 1 of the portfolio's value. */
  readonly share: number;
  readonly value: string;
  /** Which of the colours of the chart. */
  readonly colour: number;
}

const MOST_SLICES = 7;

/** The parts of a portfolio by size, cash among them; many small ones as one. */
export function slicesOf(portfolio: Portfolio): readonly Slice[] {
  const total = Number(portfolio.total ?? 0);
  if (!(total > 0)) return [];
  const cash = Number(portfolio.cash) + Number(portfolio.cash_reserved);
  const parts = portfolio.holdings
    .filter((holding) => holding.symbol !== portfolio.quote_currency && worth(holding) > 0)
    .map((holding) => ({ symbol: holding.symbol, name: holding.name, value: worth(holding) }))
    .toSorted((a, b) => b.value - a.value);
  const shown = parts.slice(0, MOST_SLICES);
  const rest = parts.slice(MOST_SLICES).reduce((sum, part) => sum + part.value, 0);
  const slices = shown.map((part, index) => ({
    symbol: part.symbol,
    name: part.name,
    share: part.value / total,
    value: String(part.value),
    colour: index + 1,
  }));
  if (rest > 0) {
    slices.push({
      symbol: "Others",
      name: "",
      share: rest / total,
      value: String(rest),
      colour: MOST_SLICES + 1,
    });
  }
  const { quote_currency: quote } = portfolio;
  if (cash > 0) {
    const value = String(cash);
    slices.push({ symbol: quote, name: "Cash", share: cash / total, value, colour: 0 });
  }
  return slices;
}

function worth(holding: Holding): number {
  return Number(holding.value ?? 0);
}

/** The part of a ring between two fractions of it, as an SVG path around (0, 0). */
export function arcOf(from: number, to: number, outer: number, inner: number): string {
  const end = Math.min(to, from + 0.99999);
  const large = end - from > 0.5 ? 1 : 0;
  const [ax, ay] = placeOf(from, outer);
  const [bx, by] = placeOf(end, outer);
  const [cx, cy] = placeOf(end, inner);
  const [dx, dy] = placeOf(from, inner);
  return (
    `M${ax} ${ay}A${outer} ${outer} 0 ${large} 1 ${bx} ${by}` +
    `L${cx} ${cy}A${inner} ${inner} 0 ${large} 0 ${dx} ${dy}Z`
  );
}

function placeOf(fraction: number, radius: number): [string, string] {
  const angle = fraction * 2 * Math.PI - Math.PI / 2;
  return [(Math.cos(angle) * radius).toFixed(3), (Math.sin(angle) * radius).toFixed(3)];
}
