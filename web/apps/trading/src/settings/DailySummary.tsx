import { useChatStore } from "@uchat/chat";
import { useEffect, type FormEvent } from "react";
import { dayAndTime } from "../ui/time";

const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The digest of the day: at one's hour, where one lives. */
export function DailySummary() {
  const digest = useChatStore((state) => state.digest);
  const load = useChatStore((state) => state.loadDigest);
  const save = useChatStore((state) => state.saveDigest);
  useEffect(() => {
    void load();
  }, [load]);
  if (digest === null) return null;

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const time = String(form.get("time") ?? digest.time).slice(0, 5);
    const zone = String(form.get("zone") ?? digest.zone);
    void save({ on: form.get("on") !== null, time, zone });
  };
  const zones = [...new Set([digest.on ? digest.zone : HERE, HERE, digest.zone, "UTC"])];

  return (
    <section className="panel" aria-labelledby="digest-title">
      <header className="panel-head">
        <h2 id="digest-title">Daily summary</h2>
      </header>
      <p className="panel-lead">
        What your portfolio is worth and how it changed since the day before, what moved most, open
        orders and proposals that wait.
      </p>
      <form
        key={`${digest.on}${digest.time}${digest.zone}`}
        className="grant digest"
        onSubmit={submit}
      >
        <label className="check">
          <input type="checkbox" name="on" defaultChecked={digest.on} />
          Tell me every day
        </label>
        <label className="field">
          <span>At</span>
          <input type="time" name="time" required defaultValue={digest.time} />
        </label>
        <label className="field">
          <span>Time zone</span>
          <select name="zone">
            {zones.map((zone) => (
              <option key={zone} value={zone}>
                {zone}
              </option>
            ))}
          </select>
        </label>
        <button type="submit" className="button primary">
          Save
        </button>
      </form>
      {digest.next_at && (
        <p className="limits-line">Next: {dayAndTime(Date.parse(digest.next_at))}</p>
      )}
    </section>
  );
}
