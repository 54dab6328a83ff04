import { useChatStore } from "@uchat/chat";
import type { NewAlert } from "@uchat/contracts";
import { useState, type FormEvent } from "react";
import { figureOf } from "../alerts/alertText";

type Kind = NewAlert["kind"];

const KINDS: readonly { kind: Kind; name: string }[] = [
  { kind: "price", name: "A price is reached" },
  { kind: "percent", name: "A price moves by percent" },
  { kind: "portfolio", name: "My portfolio reaches a value" },
  { kind: "drawdown", name: "My portfolio falls by percent" },
  { kind: "fill", name: "An order of mine is filled" },
];
const WAYS: Record<"level" | "move", readonly (readonly [string, string])[]> = {
  level: [
    ["either", "Reaches it"],
    ["below", "Falls to it"],
    ["above", "Rises to it"],
  ],
  move: [
    ["either", "Up or down"],
    ["below", "Down"],
    ["above", "Up"],
  ],
};
const WINDOWS = [
  [900, "15 minutes"],
  [3600, "1 hour"],
  [14_400, "4 hours"],
  [86_400, "24 hours"],
] as const;

export function NewAlertForm() {
  const setAlert = useChatStore((state) => state.setAlert);
  const [kind, setKind] = useState<Kind>("price");
  const [wrong, setWrong] = useState(false);

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const request = requestOf(kind, new FormData(form));
    setWrong(request === null);
    if (request === null) return;
    void setAlert(request).then((done) => {
      if (done) form.reset();
    });
  };

  return (
    <form className="grant new-alert" onSubmit={submit} aria-label="Set an alert">
      <label className="field">
        <span>Tell me when</span>
        <select value={kind} onChange={(event) => setKind(event.target.value as Kind)}>
          {KINDS.map((each) => (
            <option key={each.kind} value={each.kind}>
              {each.name}
            </option>
          ))}
        </select>
      </label>
      <Condition kind={kind} />
      <label className="check">
        <input type="checkbox" name="repeat" />
        Every time, not only once
      </label>
      {wrong && (
        <p className="card-problem" role="alert">
          Type a figure above zero, as 90000 or 90k.
        </p>
      )}
      <button type="submit" className="button primary">
        Set the alert
      </button>
    </form>
  );
}

/** What belongs to each kind, and nothing else. */
function Condition({ kind }: { kind: Kind }) {
  const currency = useChatStore((state) => state.portfolio?.quote_currency ?? "USDT");
  const level = kind === "price" || kind === "portfolio";
  const figure = `${kind === "price" ? "Price" : "Value"} (${currency})`;
  return (
    <>
      {(kind === "price" || kind === "percent") && <Asset />}
      {kind === "fill" && <Asset optional />}
      {level && <Figure name="level" label={figure} />}
      {(kind === "percent" || kind === "drawdown") && <Figure name="percent" label="Percent" />}
      {level && <Choice name="way" label="Which way" of={WAYS.level} />}
      {kind === "percent" && (
        <>
          <Choice name="way" label="Which way" of={WAYS.move} />
          <Choice name="window" label="Within" of={WINDOWS} start="3600" />
        </>
      )}
    </>
  );
}

function Asset({ optional = false }: { optional?: boolean }) {
  return (
    <label className="field">
      <span>{optional ? "Asset (optional)" : "Asset"}</span>
      <input
        name="symbol"
        required={!optional}
        placeholder="BTC"
        autoComplete="off"
        pattern="\s*[A-Za-z0-9]{1,16}\s*"
      />
    </label>
  );
}

function Figure({ name, label }: { name: string; label: string }) {
  return (
    <label className="field">
      <span>{label}</span>
      <input name={name} required inputMode="decimal" autoComplete="off" />
    </label>
  );
}

function Choice(props: {
  name: string;
  label: string;
  of: readonly (readonly [string | number, string])[];
  start?: string;
}) {
  return (
    <label className="field">
      <span>{props.label}</span>
      <select name={props.name} defaultValue={props.start}>
        {props.of.map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What the form asks for; null: a figure is none. */
function requestOf(kind: Kind, form: FormData): NewAlert | null {
  const value = (name: string) => String(form.get(name) ?? "");
  const request: NewAlert = { kind, repeat: form.get("repeat") !== null };
  const symbol = value("symbol").trim().toUpperCase();
  if (symbol !== "") request.symbol = symbol;
  for (const name of ["level", "percent"] as const) {
    if (!form.has(name)) continue;
    const figure = figureOf(value(name));
    if (figure === null) return null;
    request[name] = figure;
  }
  if (form.has("way")) request.way = value("way") as NonNullable<NewAlert["way"]>;
  if (form.has("window")) request.window_s = Number(value("window"));
  return request;
}
