import { expect, test } from "vitest";
import { sourceName } from "../src/chat/sourceName";

test("a source names each coin once, and not all of many", () => {
  const setups = [{ symbol: "DOGE" }, { symbol: "DOGE" }];
  expect(sourceName({ tool: "analyse_asset", data: { quote: { symbol: "DOGE" }, setups } })).toBe(
    "Indicators: DOGE",
  );
  const quotes = ["BTC", "ETH", "SOL", "ADA"].map((symbol) => ({ symbol }));
  expect(sourceName({ tool: "get_quotes", data: { quotes } })).toBe("Quotes: BTC, ETH, SOL…");
});

test("a tool without a name of its own is told by its own words", () => {
  expect(sourceName({ tool: "look_up_news", data: {} })).toBe("look up news");
});
