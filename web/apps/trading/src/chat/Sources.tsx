import type { ChatMessage } from "@uchat/chat";
import { preciseTime } from "../ui/time";
import { SourceData } from "./SourceData";

type Source = ChatMessage["sources"][number];

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
  get_limits: "Risk limits",
  get_trading: "How you trade",
  set_mode: "How you trade",
  preview_trade: "Price and risk check",
  propose_trade: "Price and risk check",
  propose_allocation: "Price and risk check",
  propose_liquidation: "Price and risk check",
  propose_rebalance: "Price and risk check",
  cancel_orders: "Cancelled orders",
};
const SHOWN_SYMBOLS = 3;

/** What an answer rests on: each figure with its time, and whether it is simulated. */
export function Sources({ sources }: Pick<ChatMessage, "sources">) {
  if (sources.length === 0) return null;
  return (
    <ul className="sources" aria-label="Sources">
      {sources.map((source, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- its sources never change
        <li key={index}>
          <details>
            <summary>
              <span>{nameOf(source)}</span>
              {source.simulated && <span className="badge simulated">simulated</span>}
              <time dateTime={source.as_of}>{preciseTime(Date.parse(source.as_of))}</time>
            </summary>
            <SourceData data={source.data} />
          </details>
        </li>
      ))}
    </ul>
  );
}

function nameOf(source: Source): string {
  const name = NAMES[source.tool] ?? source.tool.replaceAll("_", " ");
  const symbols = Object.values(source.data)
    .flat()
    .map((item) => (isRecord(item) ? item["symbol"] : null))
    .filter((symbol) => typeof symbol === "string");
  if (symbols.length === 0) return name;
  const shown = symbols.slice(0, SHOWN_SYMBOLS).join(", ");
  return symbols.length > SHOWN_SYMBOLS ? `${name}: ${shown}…` : `${name}: ${shown}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
