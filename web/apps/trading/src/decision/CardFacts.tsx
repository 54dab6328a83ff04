import type { Card, Leg, Plan } from "@uchat/contracts";
import { money, price, quantity } from "../ui/money";
import { kindOf, legLine } from "./cardText";

/** The figures that are approved: per order, with the fee, and what they change. */
export function CardFacts({ card }: { card: Card }) {
  const { plan } = card;
  if (!plan) return null;
  const [leg] = plan.legs;
  return (
    <div className="card-facts">
      {leg !== undefined && plan.legs.length === 1 ? (
        <OneLeg leg={leg} plan={plan} />
      ) : (
        <ManyLegs plan={plan} />
      )}
      <Effect card={card} currency={plan.quote_currency} />
    </div>
  );
}

function OneLeg({ leg, plan }: { leg: Leg; plan: Plan }) {
  const limit = leg.limit_price ? "Limit price" : leg.trigger_price ? "Price then, about" : "Price";
  return (
    <dl className="facts">
      {leg.type !== "market" && <Fact name="Kind" value={kindOf(leg)} />}
      {leg.trigger_price && (
        <Fact name="Trigger" value={`${price(leg.trigger_price)} ${plan.quote_currency}`} />
      )}
      <Fact name={limit} value={`${price(leg.limit_price ?? leg.price)} ${plan.quote_currency}`} />
      <Fact name="Quantity" value={`${quantity(leg.quantity)} ${leg.symbol}`} />
      <Fact name="Value" value={money(leg.notional, plan.quote_currency)} />
      <Fact name="Fee" value={money(leg.fee, leg.fee_asset)} />
    </dl>
  );
}

function ManyLegs({ plan }: { plan: Plan }) {
  return (
    <>
      <table className="legs">
        <thead>
          <tr>
            <th scope="col">Order</th>
            <th scope="col">Price</th>
            <th scope="col">Value</th>
          </tr>
        </thead>
        <tbody>
          {plan.legs.map((leg) => (
            <tr key={leg.n}>
              <td>{legLine(leg)}</td>
              <td>{price(leg.limit_price ?? leg.price)}</td>
              <td>{money(leg.notional)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <dl className="facts">
        <Fact name="Value of all" value={money(plan.total, plan.quote_currency)} />
        <Fact name="Fees" value={money(plan.fees, plan.quote_currency)} />
      </dl>
    </>
  );
}

function Effect({ card, currency }: { card: Card; currency: string }) {
  const { effect } = card;
  if (!effect) return null;
  const before = effect.holdings_before as Record<string, string>;
  const after = effect.holdings_after as Record<string, string>;
  const symbols = [...new Set((card.plan?.legs ?? []).map((leg) => leg.symbol))];
  return (
    <dl className="facts effect">
      <Change
        name={card.owner ? "Their cash" : "Cash"}
        from={money(effect.cash_before)}
        to={money(effect.cash_after, currency)}
      />
      {symbols.map((symbol) => (
        <Change
          key={symbol}
          name={symbol}
          from={quantity(before[symbol] ?? "0")}
          to={`${quantity(after[symbol] ?? "0")} ${symbol}`}
        />
      ))}
    </dl>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Change({ name, from, to }: { name: string; from: string; to: string }) {
  return (
    <div>
      <dt>{name} after</dt>
      <dd>
        <span className="was">{from}</span>
        <span aria-hidden="true"> → </span>
        <span className="visually-hidden"> becomes </span>
        {to}
      </dd>
    </div>
  );
}
