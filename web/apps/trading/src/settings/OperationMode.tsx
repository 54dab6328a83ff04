import { useChatStore } from "@uchat/chat";
import { interfaceName } from "../ui/interfaces";
import { whenShort } from "../ui/time";

const CHOICES = [
  ["manual", "Manual", "You act alone: the assistant answers, and proposes only what you ask for."],
  ["assisted", "Assisted", "The assistant proposes, every order needs your approval."],
  ["autonomous", "Autonomous", "Inside your mandate orders approve themselves, and say so."],
  ["emergency", "Emergency", "Only what lowers a risk: selling and cancelling."],
] as const;

/** How one trades: the choice holds on every interface. */
export function OperationMode() {
  const trading = useChatStore((state) => state.trading);
  const choose = useChatStore((state) => state.setOperationMode);
  if (trading === null) return null;
  return (
    <section className="panel" aria-labelledby="mode-title">
      <header className="panel-head">
        <h2 id="mode-title">How you trade</h2>
      </header>
      <fieldset className="choices">
        <legend className="visually-hidden">Mode</legend>
        {CHOICES.map(([mode, name, what]) => (
          <label key={mode} className="choice" aria-label={name}>
            <input
              type="radio"
              name="operation-mode"
              checked={trading.mode === mode}
              onChange={() => void choose(mode)}
            />
            <span>
              <strong>{name}</strong>
              <span>{what}</span>
            </span>
          </label>
        ))}
      </fieldset>
      {trading.changed_at && (
        <p className="limits-line">
          Changed on {interfaceName(trading.changed_via ?? "")},{" "}
          {whenShort(Date.parse(trading.changed_at))}
        </p>
      )}
    </section>
  );
}
