import type { ChatMessage } from "@uchat/chat";

type Source = Pick<ChatMessage["sources"][number], "tool" | "data">;

const NAMES: Record<string, string> = {
  get_quotes: "Quotes",
  list_instruments: "Listed coins",
  convert: "Conversion",
  remembered: "What you said before",
  get_portfolio: "Your portfolio",
  get_position: "Your position",
  list_orders: "Your orders",
  list_trades: "Your fills",
  get_pnl: "Profit and loss",
  plan_allocation: "Allocation",
  list_decisions: "Your decisions",
  list_mandates: "Your mandates",
  revoke_mandates: "Your mandates",
  get_limits: "Risk limits",
  get_trading: "How you trade",
  set_mode: "How you trade",
  stop_trading: "Kill switch",
  preview_trade: "Price and risk check",
  propose_trade: "Price and risk check",
  propose_allocation: "Price and risk check",
  propose_liquidation: "Price and risk check",
  propose_rebalance: "Price and risk check",
  trade_within_mandate: "Order within your mandate",
  cancel_orders: "Cancelled orders",
  analyse_asset: "Indicators",
  assess_risk: "Measures of risk",
  what_if: "What if",
  suggest_weights: "Suggested weights",
  find_opportunities: "Setups",
  search_docs: "The manual",
  set_alert: "Your alerts",
  list_alerts: "Your alerts",
  change_alerts: "Your alerts",
  set_digest: "Daily summary",
  get_digest: "Daily summary",
};
const SHOWN_SYMBOLS = 3;

/** What a tool's result is called where an answer names it, with the coins that it is about. */
export function sourceName({ tool, data }: Source): string {
  const name = NAMES[tool] ?? tool.replaceAll("_", " ");
  const found = Object.values(data)
    .flat()
    .map((item) => (isRecord(item) ? item["symbol"] : null))
    .filter((symbol) => typeof symbol === "string");
  const symbols = [...new Set(found)];
  if (symbols.length === 0) return name;
  const shown = symbols.slice(0, SHOWN_SYMBOLS).join(", ");
  return symbols.length > SHOWN_SYMBOLS ? `${name}: ${shown}…` : `${name}: ${shown}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
