import { useChatStore } from "@uchat/chat";
import type { Order, Trade } from "@uchat/contracts";
import { useState } from "react";
import { sideName } from "../decision/cardText";
import { money, price, quantity, signed } from "../ui/money";
import { Trend } from "../ui/Trend";
import { whenShort } from "../ui/time";
import { Panel } from "./Panel";

/** What was ordered and what came of it, latest first. */
export function Activity() {
  const [tab, setTab] = useState<"orders" | "trades">("orders");
  return (
    <Panel title="Activity" area="activity" aside={<Tabs tab={tab} onTab={setTab} />}>
      {tab === "orders" ? <Orders /> : <Trades />}
    </Panel>
  );
}

type Tab = "orders" | "trades";

function Tabs({ tab, onTab }: { tab: Tab; onTab: (tab: Tab) => void }) {
  return (
    <div className="periods" role="group" aria-label="What to show">
      <button type="button" aria-pressed={tab === "orders"} onClick={() => onTab("orders")}>
        Orders
      </button>
      <button type="button" aria-pressed={tab === "trades"} onClick={() => onTab("trades")}>
        Fills
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
  const at = order.average_price ?? order.limit_price;
  return (
    <li>
      <span className="activity-what">
        <strong>
          {sideName(order.side)} {quantity(order.quantity)} {order.symbol}
        </strong>
        <span>{at ? `at ${price(at)}` : order.type}</span>
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

function Nothing({ of }: { of: string }) {
  const state = useChatStore((store) => store.activityState);
  if (state === "loading") return <p className="panel-empty" />;
  const text = state === "failed" ? "They could not be loaded." : `No ${of} yet.`;
  return <p className="panel-empty">{text}</p>;
}
