import { useChatStore } from "@uchat/chat";
import { decimals, money, share } from "../ui/money";

/** What every order is held to, whoever approved it. */
export function Limits() {
  const limits = useChatStore((state) => state.limits);
  if (limits === null) return null;
  const { quote_currency: currency } = limits;
  const rows = [
    ["Largest order", money(limits.per_order, currency)],
    ["Most of the portfolio in one asset", share(limits.per_asset_share)],
    ["Loss of a day after which buying stops", share(limits.daily_loss_share)],
    ["Price may move until execution", `${decimals(String(limits.price_collar_bps / 100), 2)} %`],
    ["Orders a minute", String(limits.orders_per_minute)],
  ] as const;
  return (
    <section className="panel" aria-labelledby="limits-title">
      <header className="panel-head">
        <h2 id="limits-title">Risk limits</h2>
      </header>
      <p className="panel-lead">
        They are checked when an order is proposed, and again before it is sent.
      </p>
      <dl className="facts">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
