/** Fetches how trading stands besides what is owned: brakes, limits, alerts, what waits, keys. */
import type { Card } from "@uchat/contracts";
import { withKillSwitch, withTrading } from "./outcomes";
import type { ChatServices } from "./services";
import type { TradingData } from "./trading-state";

type Change = Partial<TradingData>;

/** Ask, and take the answer over unless somebody else is signed in by then. */
export type Fetch = <T>(
  ask: () => Promise<T>,
  take: (answer: T, data: TradingData) => Change,
  missed?: (data: TradingData) => Change,
) => Promise<void>;

export async function loadStanding(
  trading: ChatServices["trading"],
  { venues }: TradingData,
  fetch: Fetch,
  put: (cards: readonly Card[]) => void,
): Promise<void> {
  await Promise.all([
    fetch(
      () => trading.killSwitch(),
      (killSwitch, data) => withKillSwitch(data, killSwitch),
    ),
    fetch(
      () => trading.trading(),
      (now, data) => withTrading(data, now),
    ),
    fetch(
      () => trading.mandates(),
      ({ mandates }) => ({ mandates }),
    ),
    fetch(
      () => trading.alerts(),
      ({ alerts }) => ({ alerts, alertsState: "ready" }),
      (data) => (data.alertsState === "loading" ? { alertsState: "failed" } : {}),
    ),
    fetch(
      () => trading.limits(),
      (limits) => ({ limits }),
    ),
    fetch(
      () => trading.openDecisions(),
      ({ decisions }) => {
        put(decisions);
        return {};
      },
    ),
    venues !== null &&
      fetch(
        () => trading.exchanges.all(),
        (all) => ({ venues: all.venues }),
      ),
  ]);
}
