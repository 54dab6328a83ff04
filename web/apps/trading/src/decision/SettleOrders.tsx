import { useChatStore, type SettleHelp } from "@uchat/chat";
import type { Card, OrderResult } from "@uchat/contracts";
import { useState, type FormEvent } from "react";
import { quantity } from "../ui/money";
import { sideName } from "./cardText";

/** Orders of which the exchange does not tell what became: the person may know, or look. */
export function SettleOrders({ card }: { card: Card }) {
  const unknown = (card.result?.orders ?? []).filter((order) => order.status === "unknown");
  return unknown.map((order) => (
    <SettleOrder key={order.order_id} id={card.decision_id} order={order} />
  ));
}

function SettleOrder({ id, order }: { id: string; order: OrderResult }) {
  const settle = useChatStore((state) => state.settle);
  const [seen, setSeen] = useState(false);
  const [busy, setBusy] = useState(false);
  const say = (help: SettleHelp, number = "") => {
    setBusy(true);
    void settle(id, order.leg, help, number).finally(() => setBusy(false));
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    say("on_exchange", String(new FormData(event.currentTarget).get("number") ?? ""));
  };

  return (
    <div className="settle-order">
      <p>
        {sideName(order.side)} {quantity(order.quantity)} {order.symbol}: look for{" "}
        <code>{order.client_order_id}</code> at the exchange.
      </p>
      <div className="card-actions">
        <button type="button" className="button" disabled={busy} onClick={() => say("check_again")}>
          Check again
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => setSeen(!seen)}>
          I see it there
        </button>
        <button type="button" className="button" disabled={busy} onClick={() => say("not_there")}>
          Not there
        </button>
      </div>
      {seen && (
        <form className="change-plan" onSubmit={submit}>
          <label className="field">
            <span>Its order number at the exchange</span>
            <input name="number" required pattern="[!-~]{1,64}" autoComplete="off" />
          </label>
          <button type="submit" className="button primary" disabled={busy}>
            That is it
          </button>
        </form>
      )}
    </div>
  );
}
