import type { ChatServices } from "./services";

const SHOWN = 20;

/** What was ordered and what came of it on an account, latest first; on paper: empty. */
export async function activityOf(trading: ChatServices["trading"], venue: string) {
  const [{ orders }, { trades }, { movements }] = await Promise.all([
    trading.orders(SHOWN, venue),
    trading.trades(SHOWN, venue),
    trading.movements(SHOWN, venue),
  ]);
  return { orders, trades, movements, activityState: "ready" as const };
}
