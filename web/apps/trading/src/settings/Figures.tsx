import { useChatStore } from "@uchat/chat";
import { useEffect, type SubmitEvent } from "react";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const ZONES = [...new Set(["UTC", HERE, ...Intl.supportedValuesOf("timeZone")])];

/** In which time zone days begin, and in which currency results are told. */
export function Figures() {
  const preferences = useChatStore((state) => state.preferences);
  const load = useChatStore((state) => state.loadPreferences);
  const prefer = useChatStore((state) => state.prefer);
  useEffect(() => {
    void load();
  }, [load]);
  if (preferences === null) return null;
  const change = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [zone, currency] = [form.get("zone"), form.get("currency")];
    if (typeof zone !== "string" || typeof currency !== "string") return;
    void prefer({ time_zone: zone, currency: currency.trim().toUpperCase() });
  };
  const zones = ZONES.includes(preferences.time_zone) ? ZONES : [preferences.time_zone, ...ZONES];
  return (
    <section className="panel" aria-labelledby="figures-title">
      <header className="panel-head">
        <h2 id="figures-title">Results</h2>
      </header>
      <p className="panel-lead">Where days, weeks and months begin, and the currency of results.</p>
      <form className="ticket" onSubmit={change} key={JSON.stringify(preferences)}>
        <label className="field">
          <span>Time zone</span>
          <select name="zone" defaultValue={preferences.time_zone}>
            {zones.map((zone) => (
              <option key={zone}>{zone}</option>
            ))}
          </select>
        </label>
        <label className="field">
          <span>Currency</span>
          <input
            name="currency"
            defaultValue={preferences.currency}
            pattern="[A-Za-z0-9]{1,16}"
            required
          />
        </label>
        <button type="submit" className="button">
          Save
        </button>
      </form>
      {preferences.currency_note && <p className="limits-line">{preferences.currency_note}</p>}
    </section>
  );
}
