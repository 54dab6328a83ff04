import type { Portfolio } from "@uchat/contracts";
import { describe, expect, test } from "vitest";
import { arcOf, pathOf, pointsOf, slicesOf } from "../src/dashboard/chart";
import { changePercent, money, plainFigures, price, quantity, share, signed, trendOf } from "../src/ui/money";

describe("figures", () => {
  test.each([
    [money("10342.874"), "10,342.87"],
    [money("-3.5", "USDT"), "−3.50 USDT"],
    [money("0.0004"), "0.0004"],
    [money(null), "–"],
    [money("12345678901234567.89"), "12,345,678,901,234,567.89"],
    [price("65012.3"), "65,012.30"],
    [price("1.2345"), "1.2345"],
    [price("0.00001234"), "0.00001234"],
    [quantity("0.01000000"), "0.01"],
    [quantity(undefined), "–"],
    [share("0.2916"), "29.2 %"],
    [signed("86.41"), "+86.41"],
    [signed("-86.41"), "−86.41"],
    [signed("0"), "0.00"],
  ])("read %s", (text, wanted) => {
    expect(text).toBe(wanted);
  });

  test("a change is of what was before it", () => {
    expect(changePercent("110", "10")).toBe("10");
    expect(changePercent("10", "10")).toBeNull();
    expect(changePercent(null, "10")).toBeNull();
  });

  test("go up, down or nowhere", () => {
    expect([trendOf("1"), trendOf("-0.1"), trendOf("0"), trendOf(null)]).toEqual([
      "up",
      "down",
      "flat",
      "flat",
    ]);
  });
});

const PORTFOLIO: Portfolio = {
  account: "a",
  venue: "paper",
  simulated: true,
  quote_currency: "USDT",
  cash: "500",
  cash_reserved: "100",
  total: "1000",
  deposited: "1000",
  realised: "0",
  holdings: ["BTC", "ETH"].map((symbol, index) => ({
    symbol,
    name: symbol,
    free: "1",
    reserved: "0",
    quantity: "1",
    value: index === 0 ? "100" : "300",
    realised: "0",
  })),
  as_of: "2026-11-23T02:00:00Z",
  stale: false,
};

describe("copies", () => {
  test("a minus is one that a sheet reads, and a dash stays what it is", () => {
    expect(plainFigures(`${money("-1.64", "USDT")} – none`)).toBe("-1.64 USDT – none");
  });
});

describe("charts", () => {
  test("the ring holds every part by size, and cash with what is reserved", () => {
    const slices = slicesOf(PORTFOLIO);
    expect(slices.map(({ symbol, share: part }) => [symbol, part])).toEqual([
      ["ETH", 0.3],
      ["BTC", 0.1],
      ["USDT", 0.6],
    ]);
  });

  test("many small parts are one", () => {
    const [holding] = PORTFOLIO.holdings;
    if (holding === undefined) throw new Error("no holding");
    const holdings = Array.from({ length: 10 }, (_, n) => ({
      ...holding,
      symbol: `C${n}`,
      value: "40",
    }));
    const slices = slicesOf({ ...PORTFOLIO, holdings });
    expect(slices.map((slice) => slice.symbol).slice(-2)).toEqual(["Others", "USDT"]);
    expect(slices.reduce((sum, slice) => sum + slice.share, 0)).toBeCloseTo(1);
  });

  test("nothing is drawn of a total that is not known", () => {
    expect(slicesOf({ ...PORTFOLIO, total: null })).toEqual([]);
  });

  test("a whole ring is a path, too", () => {
    expect(arcOf(0, 1, 50, 34)).toMatch(/^M0\.000 -50\.000A50 50 0 1 1 /);
  });

  test("time goes from left to right and value upwards", () => {
    const points = pointsOf({
      points: [
        { at: "2026-11-23T00:00:00Z", total: "100", deposited: "100", drawdown_pct: "0" },
        { at: "2026-11-23T01:00:00Z", total: "200", deposited: "100", drawdown_pct: "0" },
      ],
    });
    const numbers = pathOf(points, 600, 120).match(/[\d.-]+/g)?.map(Number) ?? [];
    const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = numbers;
    expect([x1, x2]).toEqual([0, 600]);
    expect(y2).toBeLessThan(y1);
  });
});
