import { useChatStore } from "@uchat/chat";
import type { KillSwitch, Mandate, Trading } from "@uchat/contracts";
import { interfaceName } from "../ui/interfaces";
import { money } from "../ui/money";
import { whenShort } from "../ui/time";
import { Meter } from "../ui/Meter";
import { Panel } from "./Panel";

/** What may trade: the brake, and the limit inside which it happens by itself. */
export function Safety() {
  const killSwitch = useChatStore((state) => state.killSwitch);
  const mandate = useChatStore((state) => state.mandates.find(isActive));
  const limits = useChatStore((state) => state.limits);
  const trading = useChatStore((state) => state.trading);

  return (
    <Panel title="Control" area="safety">
      <Brake killSwitch={killSwitch} hasMandate={mandate !== undefined} />
      {trading !== null && <TradingState trading={trading} />}
      <div className="control-row">
        {mandate === undefined ? (
          <p>
            <strong>No mandate</strong>
            <span>Nothing trades by itself.</span>
          </p>
        ) : (
          <MandateState mandate={mandate} />
        )}
        <a className="link quiet" href="#/settings">
          {mandate === undefined ? "Set one" : "Change"}
        </a>
      </div>
      {limits !== null && (
        <p className="limits-line">
          At most {money(limits.per_order, limits.quote_currency)} an order
        </p>
      )}
    </Panel>
  );
}

const MODES = {
  manual: "Manual mode",
  assisted: "Assisted mode",
  autonomous: "Autonomous mode",
  emergency: "Emergency mode: only what lowers a risk",
};

interface BrakeProps {
  killSwitch: KillSwitch | null;
  hasMandate: boolean;
}

function Brake({ killSwitch, hasMandate }: BrakeProps) {
  const on = killSwitch?.on ?? false;
  const calm = hasMandate
    ? "Every order outside your mandate needs your approval."
    : "Every order needs your approval.";
  const stopped =
    on && killSwitch?.changed_at
      ? `Stopped on ${interfaceName(killSwitch.changed_via ?? "")}, ` +
        whenShort(Date.parse(killSwitch.changed_at))
      : null;
  return (
    <div className="brake-row" data-on={on}>
      <p>
        <strong>{on ? "Trading is stopped" : "Trading is on"}</strong>
        <span>{stopped ?? calm}</span>
      </p>
    </div>
  );
}

function TradingState({ trading }: { trading: Trading }) {
  return (
    <>
      {trading.state !== "active" && (
        <p className="card-problem" role="status">
          {trading.reason?.text ?? "Buying is stopped on this account."}
        </p>
      )}
      <div className="control-row">
        <p>
          <strong>{MODES[trading.mode]}</strong>
        </p>
        <a className="link quiet" href="#/settings">
          Change
        </a>
      </div>
    </>
  );
}

function MandateState({ mandate }: { mandate: Mandate }) {
  const { quote_currency: currency } = mandate;
  const used = Number(mandate.used_today) / Number(mandate.per_day);
  return (
    <div className="mandate-state">
      <strong>Mandate: {money(mandate.per_day, currency)} a day</strong>
      <Meter of={used} label={`${money(mandate.used_today, currency)} used today`} />
      <span>
        {money(mandate.used_today)} used today, until {whenShort(Date.parse(mandate.expires_at))}
      </span>
    </div>
  );
}

function isActive(mandate: Mandate): boolean {
  return mandate.state === "active";
}
