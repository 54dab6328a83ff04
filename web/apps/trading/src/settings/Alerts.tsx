import { isActive, useChatStore } from "@uchat/chat";
import type { Alert } from "@uchat/contracts";
import { alertState } from "../alerts/alertText";
import { whenShort } from "../ui/time";
import { NewAlertForm } from "./NewAlertForm";

const HISTORY = 5;

/** What one is told of on every interface. */
export function Alerts() {
  const alerts = useChatStore((state) => state.alerts);
  const state = useChatStore((store) => store.alertsState);
  const active = alerts.filter(isActive);
  const past = alerts.filter((alert) => !isActive(alert)).slice(0, HISTORY);
  return (
    <section className="panel" aria-labelledby="alerts-title">
      <header className="panel-head">
        <h2 id="alerts-title">Alerts</h2>
      </header>
      <p className="panel-lead">
        You are told here and on every linked interface, once for each time that it happens. Or say
        it to the assistant: “tell me when BTC drops below 90k”.
      </p>
      <ul className="rows" aria-label="Alerts that are set">
        {active.map((alert) => (
          <AlertRow key={alert.alert_id} alert={alert} />
        ))}
      </ul>
      {state === "failed" && <p className="panel-empty">Your alerts could not be loaded.</p>}
      {state === "ready" && active.length === 0 && <p className="panel-empty">No alerts yet.</p>}
      <NewAlertForm />
      {past.length > 0 && (
        <details className="past">
          <summary>Earlier alerts</summary>
          <ul className="rows">
            {past.map((alert) => (
              <li key={alert.alert_id}>{alert.fired?.text ?? alert.text}</li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

function AlertRow({ alert }: { alert: Alert }) {
  const snooze = useChatStore((state) => state.snoozeAlert);
  const remove = useChatStore((state) => state.deleteAlert);
  const silent = alert.state === "snoozed";
  const { alert_id: id, fired } = alert;
  return (
    <li className="control-row alert-row">
      <p>
        <strong>{alert.text}</strong>
        <span>
          {alertState(alert)}
          {fired && `. Last told ${whenShort(Date.parse(fired.at))}`}
        </span>
      </p>
      <div className="alert-actions">
        <button
          type="button"
          className="button small"
          aria-label={`${silent ? "Switch on" : "Snooze 1 h"}: ${alert.text}`}
          onClick={() => void snooze(id, silent ? null : 1)}
        >
          {silent ? "Switch on" : "Snooze 1 h"}
        </button>
        <button
          type="button"
          className="button small"
          aria-label={`Delete: ${alert.text}`}
          onClick={() => void remove(id)}
        >
          Delete
        </button>
      </div>
    </li>
  );
}
