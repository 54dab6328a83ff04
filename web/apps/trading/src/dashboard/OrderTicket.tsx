import { useChatStore } from "@uchat/chat";
import type { LegRequestInput } from "@uchat/contracts";
import { useState, type FormEvent } from "react";
import { AccountChoice, useAccounts } from "./AccountChoice";
import { Panel } from "./Panel";
import { revealPending } from "./reveal";

const KINDS = [
  ["market", "Now"],
  ["limit", "At a limit"],
  ["stop", "Stop at"],
  ["take_profit", "Take profit at"],
] as const;
type Kind = (typeof KINDS)[number][0];

/** Orders by hand: what comes of it is a card, priced and checked, that waits for an approval. */
export function OrderTicket() {
  const propose = useChatStore((state) => state.propose);
  const currency = useChatStore((state) => state.portfolio?.quote_currency ?? "USDT");
  const ready = useChatStore((state) => state.sessionId !== null);
  const [kind, setKind] = useState<Kind>("market");
  const [busy, setBusy] = useState(false);
  const accounts = useAccounts();
  const [account, setAccount] = useState("");
  const there = accounts.find(({ venue }) => venue === account);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    setBusy(true);
    const venue = there === undefined ? {} : { venue: there.venue };
    void propose({ legs: [legOf(new FormData(form), kind)], ...venue }, "web_ui")
      .then((done) => {
        if (!done) return;
        form.reset();
        setKind("market");
        // Real money is chosen for each order anew.
        setAccount("");
        revealPending();
      })
      .finally(() => setBusy(false));
  };

  return (
    <Panel title="Order by hand" area="ticket">
      <form className="ticket" onSubmit={submit}>
        {accounts.length > 0 && (
          <AccountChoice
            label="Account"
            accounts={accounts}
            chosen={account}
            onChoose={setAccount}
          />
        )}
        <label className="field">
          <span>Do</span>
          <select name="side" defaultValue="buy">
            <option value="buy">Buy</option>
            <option value="sell">Sell</option>
          </select>
        </label>
        <Text name="symbol" label="Asset" pattern="[A-Za-z0-9]{1,16}" placeholder="BTC" />
        <label className="field">
          <span>When</span>
          <select
            name="kind"
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as Kind)}
          >
            {KINDS.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Text name="size" label="Quantity (units)" pattern={FIGURE} placeholder="0.01" decimal />
        {kind !== "market" && (
          <Text name="price" label={`Price (${currency})`} pattern={FIGURE} decimal />
        )}
        {there?.barred && (
          <p className="ticket-wide" role="status">
            {there.barred.text}
          </p>
        )}
        <button
          type="submit"
          className={there === undefined ? "button" : "button ticket-wide"}
          disabled={busy || !ready || Boolean(there?.barred)}
        >
          {there === undefined ? "Price it" : `Price it on ${there.name}`}
        </button>
      </form>
    </Panel>
  );
}

const FIGURE = "[0-9]+([.,][0-9]{1,18})?";

interface TextProps {
  name: string;
  label: string;
  pattern: string;
  placeholder?: string;
  decimal?: boolean;
}

function Text({ name, label, pattern, placeholder, decimal = false }: TextProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <input
        name={name}
        required
        autoComplete="off"
        pattern={pattern}
        placeholder={placeholder}
        inputMode={decimal ? "decimal" : "text"}
      />
    </label>
  );
}

function legOf(form: FormData, kind: Kind): LegRequestInput {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const price = text("price").replace(",", ".");
  return {
    symbol: text("symbol").toUpperCase(),
    side: text("side") === "sell" ? "sell" : "buy",
    type: kind,
    quantity: text("size").replace(",", "."),
    ...(kind === "limit" ? { limit_price: price } : {}),
    ...(kind === "stop" || kind === "take_profit" ? { trigger_price: price } : {}),
  };
}
