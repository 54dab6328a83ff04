import { useChatStore } from "@uchat/chat";
import type { Portfolio, Venue, VenueKey } from "@uchat/contracts";
import { useEffect, useState, type SubmitEvent } from "react";
import { ConfirmDialog } from "../ui/ConfirmDialog";
import { money, quantity } from "../ui/money";
import { whenShort } from "../ui/time";

/** Accounts at live exchanges: connected by keys that can read, or trade, never withdraw. */
export function Exchanges() {
  const venues = useChatStore((state) => state.venues);
  const loadVenues = useChatStore((state) => state.loadVenues);
  useEffect(() => {
    void loadVenues();
  }, [loadVenues]);
  const served = (venues ?? []).filter((venue) => venue.served);
  const connected = (venues ?? []).filter((venue) => venue.key);
  const free = served.filter((venue) => venue.connectable && isFree(venue));
  return (
    <section className="panel" aria-labelledby="exchanges-title">
      <header className="panel-head">
        <h2 id="exchanges-title">Exchange accounts</h2>
      </header>
      <p className="panel-lead">
        Connect an account with a key that can only read to see its portfolio, trades and results
        here. A key that can withdraw is refused. Spot only.
      </p>
      <ul className="rows">
        {connected.map((venue) => (
          <Connected key={venue.venue} venue={venue} />
        ))}
      </ul>
      {free.length > 0 && <ConnectForm venues={free} />}
      {venues !== null && served.length === 0 && (
        <p className="panel-empty">This installation is connected to no live exchange.</p>
      )}
    </section>
  );
}

/** A key that places no orders any more is replaced by another one of the same account. */
function isFree({ key }: Venue): boolean {
  return !key || Boolean(key.refused_at) || Boolean(key.may_withdraw);
}

function may(venue: Venue, key: VenueKey): string {
  if (key.refused_at) {
    return `Not accepted by ${venue.name} since ${whenShort(Date.parse(key.refused_at))}`;
  }
  return `${key.may_trade ? "Reads and may trade" : "Only reads"}, spot only`;
}

function Connected({ venue }: { venue: Venue }) {
  const removeKey = useChatStore((state) => state.removeKey);
  const [asking, setAsking] = useState(false);
  const { key } = venue;
  if (!key) return null;
  return (
    <li className="control-row">
      <div className="mandate-state">
        <strong>
          {venue.name} {key.masked}
        </strong>
        <span>
          {may(venue, key)}. Connected {whenShort(Date.parse(key.connected_at))}.
        </span>
        <Holds venue={venue.venue} />
        <Orders venue={venue} />
      </div>
      <button type="button" className="button small" onClick={() => setAsking(true)}>
        Remove
      </button>
      {asking && (
        <ConfirmDialog
          title={`Remove the key of ${venue.name}?`}
          keep="Keep it"
          act="Remove now"
          onAct={() => void removeKey(venue.venue)}
          onDone={() => setAsking(false)}
        >
          It is forgotten at once. Delete it at {venue.name} as well.
        </ConfirmDialog>
      )}
    </li>
  );
}

/** What the account holds, and what that is worth at the exchange's own prices. */
function Holds({ venue }: { venue: string }) {
  const liveAccount = useChatStore((state) => state.liveAccount);
  const [found, setFound] = useState<Portfolio | null>(null);
  useEffect(() => {
    void liveAccount(venue).then(setFound);
  }, [liveAccount, venue]);
  if (found === null) return null;
  const units = found.holdings.map((held) => `${quantity(held.quantity)} ${held.symbol}`);
  const parts = [money(found.cash, found.quote_currency), ...units].join(", ");
  const worth = found.total ? `Worth ${money(found.total, found.quote_currency)}: ` : "";
  return <span>{worth + parts}</span>;
}

/** Whether orders go there, and the consent that it takes. */
function Orders({ venue }: { venue: Venue }) {
  const consent = useChatStore((state) => state.consent);
  const withdrawConsent = useChatStore((state) => state.withdrawConsent);
  const [asking, setAsking] = useState(false);
  const missing = venue.barred?.code === "live_consent_missing";
  return (
    <>
      <span>{venue.barred ? venue.barred.text : "Orders that you approve trade real money."}</span>
      <div>
        {missing && (
          <button type="button" className="button small" onClick={() => setAsking(true)}>
            Allow real orders
          </button>
        )}
        {venue.consent && (
          <button
            type="button"
            className="button small"
            onClick={() => void withdrawConsent(venue.venue)}
          >
            Take consent back
          </button>
        )}
      </div>
      {asking && (
        <ConfirmDialog
          title={`Real orders at ${venue.name}?`}
          keep="Not now"
          act="I consent"
          onAct={() => void consent(venue)}
          onDone={() => setAsking(false)}
        >
          {venue.consent_text}
        </ConfirmDialog>
      )}
    </>
  );
}

function ConnectForm({ venues }: { venues: readonly Venue[] }) {
  const connectKey = useChatStore((state) => state.connectKey);
  const [name, setName] = useState(venues[0]?.venue ?? "");
  const problem = useChatStore((state) => state.problem);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState(false);
  const chosen = venues.find((venue) => venue.venue === name) ?? venues[0];

  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    const value = (field: string) => String(form.get(field) ?? "").trim();
    setBusy(true);
    void connectKey({
      venue: value("venue"),
      api_key: value("api_key"),
      secret: value("secret"),
      passphrase: value("passphrase"),
    })
      .then((done) => {
        setFailed(!done);
        if (done) element.reset();
      })
      .finally(() => setBusy(false));
  };

  return (
    <form className="grant" onSubmit={submit} autoComplete="off">
      <label className="field">
        <span>Exchange</span>
        <select
          name="venue"
          value={chosen?.venue}
          onChange={(event) => setName(event.target.value)}
        >
          {venues.map((venue) => (
            <option key={venue.venue} value={venue.venue}>
              {venue.tested ? venue.name : `${venue.name} (untested, only read)`}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>API key</span>
        <input name="api_key" required autoComplete="off" spellCheck={false} />
      </label>
      <label className="field">
        <span>Secret</span>
        <input name="secret" type="password" required autoComplete="off" />
      </label>
      {chosen?.needs_passphrase && (
        <label className="field">
          <span>Passphrase</span>
          <input name="passphrase" type="password" required autoComplete="off" />
        </label>
      )}
      <button type="submit" className="button primary" disabled={busy}>
        Connect
      </button>
      {failed && problem !== null && <p className="card-problem">{problem}</p>}
    </form>
  );
}
