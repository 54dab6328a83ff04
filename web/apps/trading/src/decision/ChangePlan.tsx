import { useChatStore } from "@uchat/chat";
import type { Card, LegRequest } from "@uchat/contracts";
import type { FormEvent } from "react";
import { useInterface } from "../ui/surface";

interface ChangePlanProps {
  card: Card;
  onDone: () => void;
}

/** Whether a card's wish is one that this form can change: a single order with a size. */
export function canChange(card: Card): boolean {
  const [leg, ...more] = card.request.legs;
  return leg !== undefined && more.length === 0 && !leg.all;
}

/** Another size or price for what is proposed: it comes back as the next version, priced. */
export function ChangePlan({ card, onDone }: ChangePlanProps) {
  const iface = useInterface();
  const modify = useChatStore((state) => state.modify);
  const [leg] = card.request.legs;
  if (leg === undefined) return null;
  const unit = leg.quantity ? leg.symbol : card.request.quote_currency;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const figure = (name: string) => String(form.get(name) ?? "").replace(",", ".");
    const changed: LegRequest = {
      ...leg,
      ...(leg.quantity ? { quantity: figure("size") } : { amount: figure("size") }),
      ...(leg.limit_price ? { limit_price: figure("limit") } : {}),
      ...(leg.trigger_price ? { trigger_price: figure("trigger") } : {}),
    };
    void modify(card.decision_id, { ...card.request, legs: [changed] }, iface);
    onDone();
  };

  return (
    <form className="change-plan" onSubmit={submit}>
      <Figure name="size" label={`Size (${unit})`} value={leg.quantity ?? leg.amount ?? ""} />
      {leg.limit_price && <Figure name="limit" label="Limit price" value={leg.limit_price} />}
      {leg.trigger_price && <Figure name="trigger" label="Trigger" value={leg.trigger_price} />}
      <div className="card-actions">
        <button type="button" className="button" onClick={onDone}>
          Keep it
        </button>
        <button type="submit" className="button primary">
          Price the change
        </button>
      </div>
    </form>
  );
}

function Figure({ name, label, value }: { name: string; label: string; value: string }) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        required
        inputMode="decimal"
        pattern="[0-9]+([.,][0-9]{1,18})?"
        defaultValue={value}
      />
    </label>
  );
}
