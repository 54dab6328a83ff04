import { useChatStore } from "@uchat/chat";
import type { Movement, Order, Trade } from "@uchat/contracts";
import { useState } from "react";
import { sideName } from "../decision/cardText";
import { money, price, quantity, signed } from "../ui/money";
import { Trend } from "../ui/Trend";
import { whenShort } from "../ui/time";
import { Panel } from "./Panel";

/** What was ordered and what came of it, latest first. */
export function Activity() {
  const [tab, setTab] = useState<Tab>("orders");
  return (
    <Panel title="Activity" area="activity" aside={<Tabs tab={tab} onTab={setTab} />}>
      {tab === "orders" && <Orders />}
      {tab === "trades" && <Trades />}
      {tab === "movements" && <Movements />}
    </Panel>
  );
}

type Tab = "orders" | "trades" | "movements";

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  return (
    <div className="periods" role="group" aria-label="What to show">
      <button type="button" aria-pressed={tab === "orders"} onClick={() => onTab("orders")}>
        Orders
      </button>
      <button type="button" aria-pressed={tab === "trades"} onClick={() => onTab("trades")}>
        Fills
      </button>
      <button
        type="button"
        aria-pressed={tab === "movements"}
        onClick={() => onTab("movements")}
      >
        In and out
      </button>
    </div>
  );
}

function Orders() {
  const orders = useChatStore((state) => state.orders);
  if (orders.length === 0) return <Nothing of="orders" />;
  return (
    <ul className="activity" aria-label="Orders">
      {orders.map((order) => (
        <OrderRow key={order.order_id} order={order} />
      ))}
    </ul>
  );
}

function OrderRow({ order }: { order: Order }) {
  const at = order.average_price ?? order.limit_price ?? order.trigger_price;
  return (
    <li>
      <span className="activity-what">
        <strong>
          {sideName(order.side)} {quantity(order.quantity)} {order.symbol}
        </strong>
        <span>{at ? `at ${price(at)}` : order.type.replaceAll("_", " ")}</span>
      </span>
      <span className="activity-end">
        <span className={`order-status ${order.status}`}>{order.status.replaceAll("_", " ")}</span>
        <time dateTime={order.updated_at}>{whenShort(Date.parse(order.updated_at))}</time>
      </span>
    </li>
  );
}

function Trades() {
  const trades = useChatStore((state) => state.trades);
  if (trades.length === 0) return <Nothing of="fills" />;
  return (
    <ul className="activity" aria-label="Fills">
      {trades.map((trade) => (
        <TradeRow key={trade.trade_id} trade={trade} />
      ))}
    </ul>
  );
}

function TradeRow({ trade }: { trade: Trade }) {
  return (
    <li>
      <span className="activity-what">
        <strong>
          {trade.side === "sell" ? "Sold" : "Bought"} {quantity(trade.quantity)} {trade.symbol}
        </strong>
        <span>
          at {price(trade.price)}, fee {money(trade.fee, trade.fee_asset)}
          {trade.source === "external" && ", by hand at the exchange"}
        </span>
      </span>
      <span className="activity-end">
        {trade.realised && Number(trade.realised) !== 0 && (
          <Trend of={trade.realised}>{signed(trade.realised)}</Trend>
        )}
        <time dateTime={trade.at}>{whenShort(Date.parse(trade.at))}</time>
      </span>
    </li>
  );
}

function Movements() {
  const movements = useChatStore((state) => state.movements);
  if (movements.length === 0) return <Nothing of="movements" />;
  return (
    <ul className="activity" aria-label="In and out">
      {movements.map((movement) => (
        <MovementRow key={movement.movement_id} movement={movement} />
      ))}
    </ul>
  );
}

const MOVEMENTS = {
  opening: "Paper money",
  deposit: "Deposit",
  withdrawal: "Withdrawal",
  external: "Traded by hand at the exchange",
  adjustment: "Adjusted to the exchange",
};

function MovementRow({ movement }: { movement: Movement }) {
  return (
    <li>
      <span className="activity-what">
        <strong>{MOVEMENTS[movement.kind]}</strong>
        {movement.note && <span>{movement.note}</span>}
      </span>
      <span className="activity-end">
        <span>
          {signed(movement.amount)} {movement.asset}
        </span>
        <time dateTime={movement.at}>{whenShort(Date.parse(movement.at))}</time>
      </span>
    </li>
  );
}

function Nothing({ of }: { of: string }) {
  const state = useChatStore((store) => store.activityState);
  if (state === "loading") return <p className="panel-empty" />;
  const text = state === "failed" ? "They could not be loaded." : `No ${of} yet.`;
  return <p className="panel-empty">{text}</p>;
}
