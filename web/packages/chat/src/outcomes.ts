/** What the person's log tells besides decisions, put into the store's data. Pure. */
import type { KillSwitch, Link, LogEntry, Mandate, Portfolio, Trading } from "@uchat/contracts";
import { toldOfAlerts } from "./alerts";
import type { TradingData } from "./trading-state";

type Change = Partial<TradingData>;

/** What one entry changes; an entry of another kind changes nothing. */
export function told(data: TradingData, entry: LogEntry): Change {
  // The server validates what it sends against the models that these types come from.
  switch (entry.kind) {
    case "portfolio.changed":
      // It is of the account on paper: those at exchanges are asked for.
      return data.shownVenue === "" ? withPortfolio(entry.data as unknown as Portfolio) : {};
    case "kill_switch":
      return withKillSwitch(data, entry.data as unknown as KillSwitch);
    case "mandate":
      return { mandates: withMandate(data.mandates, entry.data as unknown as Mandate) };
    case "trading":
      return withTrading(data, entry.data as unknown as Trading);
    case "link.changed":
      return withLink(data, entry.data as unknown as Link);
    default:
      return toldOfAlerts(data, entry);
  }
}

/** Its own time is that of its prices: which of two is newer, their order in the log tells. */
export function withPortfolio(portfolio: Portfolio): Change {
  return { portfolio, portfolioState: "ready" };
}

export function withKillSwitch(data: TradingData, killSwitch: KillSwitch): Change {
  return (data.killSwitch?.rev ?? -1) > killSwitch.rev ? {} : { killSwitch };
}

export function withTrading(data: TradingData, trading: Trading): Change {
  return (data.trading?.rev ?? -1) > trading.rev ? {} : { trading };
}

export function withMandate(mandates: readonly Mandate[], next: Mandate): readonly Mandate[] {
  const others = mandates.filter((mandate) => mandate.mandate_id !== next.mandate_id);
  return [next, ...others].toSorted(
    (a, b) => Date.parse(b.granted_at) - Date.parse(a.granted_at),
  );
}

function withLink(data: TradingData, next: Link): Change {
  const others = data.links.filter((link) => link.id !== next.id);
  const links = [...others, next].toSorted(
    (a, b) => Date.parse(a.created_at) - Date.parse(b.created_at),
  );
  const offered = data.linkOffer?.id === next.id && next.state !== "pending";
  return offered ? { links, linkOffer: null } : { links };
}
