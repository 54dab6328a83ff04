import { useChatStore } from "@uchat/chat";
import type { Mandate } from "@uchat/contracts";
import { useState, type FormEvent } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { interfaceName } from "../ui/interfaces";
import { Meter } from "../ui/Meter";
import { money } from "../ui/money";
import { dayAndTime } from "../ui/time";

const DAY_MS = 86_400_000;
const SPANS = [
  { days: 1, name: "One day" },
  { days: 7, name: "One week" },
  { days: 30, name: "30 days" },
] as const;
const HISTORY = 5;

/** Limits signed beforehand: inside them orders approve themselves, and say so. */
export function Mandates() {
  const mandates = useChatStore((state) => state.mandates);
  const active = mandates.filter((mandate) => mandate.state === "active");
  const past = mandates.filter((mandate) => mandate.state !== "active").slice(0, HISTORY);
  return (
    <section className="panel" aria-labelledby="mandates-title">
      <header className="panel-head">
        <h2 id="mandates-title">Trading mandate</h2>
      </header>
      <p className="panel-lead">
        Up to an amount a day the assistant may trade without asking, on every interface. Each such
        order says that it was done within your mandate. You can revoke it at any time.
      </p>
      <ul className="rows">
        {active.map((mandate) => (
          <ActiveMandate key={mandate.mandate_id} mandate={mandate} />
        ))}
      </ul>
      {active.length === 0 && <GrantForm />}
      {past.length > 0 && (
        <details className="past">
          <summary>Earlier mandates</summary>
          <ul className="rows">
            {past.map((mandate) => (
              <li key={mandate.mandate_id}>{pastLine(mandate)}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function ActiveMandate({ mandate }: { mandate: Mandate }) {
  const revokeMandate = useChatStore((state) => state.revokeMandate);
  const [asking, setAsking] = useState(false);
  const { quote_currency: currency } = mandate;
  const used = Number(mandate.used_today) / Number(mandate.per_day);
  return (
    <li className="control-row">
      <div className="mandate-state">
        <strong>{money(mandate.per_day, currency)} a day</strong>
        <Meter of={used} label={`${money(mandate.used_today, currency)} used today`} />
        <span>
          {money(mandate.used_today)} used today.{" "}
          {mandate.per_order && `At most ${money(mandate.per_order)} an order. `}
          {mandate.symbols.length > 0 && `Only ${mandate.symbols.join(", ")}. `}
          Until {dayAndTime(Date.parse(mandate.expires_at))}.
        </span>
        {mandate.suspended && <span className="card-problem">{mandate.suspended.text}</span>}
      </div>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Revoke
      </button>
      {asking && (
        <ConfirmDialog
          title="Revoke the mandate?"
          keep="Keep it"
          act="Revoke now"
          onAct={() => void revokeMandate(mandate.mandate_id)}
          onDone={() => setAsking(false)}
        >
          From then on every order needs your approval again.
        </ConfirmDialog>
      )}
    </li>
  );
}

function GrantForm() {
  const grantMandate = useChatStore((state) => state.grantMandate);
  const currency = useChatStore((state) => state.portfolio?.quote_currency ?? "USDT");
  const offset = useChatStore((state) => state.clockOffset);
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const value = (name: string) => String(form.get(name) ?? "");
    const figure = (name: string) => value(name).replace(",", ".");
    const drawdown = figure("drawdown");
    const until = Date.now() + offset + Number(value("days")) * DAY_MS;
    const symbols = value("symbols").toUpperCase().match(/[A-Z0-9]+/g) ?? [];
    setBusy(true);
    void grantMandate({
      per_day: figure("per_day"),
      ...(figure("per_order") === "" ? {} : { per_order: figure("per_order") }),
      ...(drawdown === "" ? {} : { drawdown_stop: String(Number(drawdown) / 100) }),
      expires_at: new Date(until).toISOString(),
      ...(symbols.length > 0 ? { symbols } : {}),
    }).finally(() => setBusy(false));
  };

  return (
    <form className="grant" onSubmit={submit}>
      <label className="field">
        <span>Amount a day ({currency})</span>
        <input
          name="per_day"
          required
          inputMode="decimal"
          pattern="[0-9]+([.,][0-9]{1,8})?"
          defaultValue="100"
        />
      </label>
      <label className="field">
        <span>Largest order ({currency}, optional)</span>
        <input name="per_order" inputMode="decimal" pattern="[0-9]+([.,][0-9]{1,8})?" />
      </label>
      <label className="field">
        <span>Stop after a loss of (%, optional)</span>
        <input name="drawdown" inputMode="decimal" pattern="[0-9]{1,2}([.,][0-9]{1,2})?" />
      </label>
      <label className="field">
        <span>For how long</span>
        <select name="days" defaultValue="1">
          {SPANS.map((span) => (
            <option key={span.days} value={span.days}>
              {span.name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>Only these assets (optional)</span>
        <input name="symbols" placeholder="BTC, ETH" autoComplete="off" />
      </label>
      <button type="submit" className="button primary" disabled={busy}>
        Grant the mandate
      </button>
    </form>
  );
}

function pastLine(mandate: Mandate): string {
  const amount = `${money(mandate.per_day, mandate.quote_currency)} a day`;
  if (mandate.state === "revoked" && mandate.revoked_at) {
    const via = interfaceName(mandate.revoked_via ?? "");
    return `${amount}, revoked on ${via}, ${dayAndTime(Date.parse(mandate.revoked_at))}`;
  }
  return `${amount}, ended ${dayAndTime(Date.parse(mandate.expires_at))}`;
}
