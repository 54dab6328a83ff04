import { useChatStore } from "@uchat/chat";
import type { AssetResult, PeriodResult, Pnl } from "@uchat/contracts";
import { useState } from "react";
import { money, signed, signedPercent } from "../ui/money";
import { Trend } from "../ui/Trend";
import { Panel } from "./Panel";

const METHODS = [
  { method: "average", name: "Average", label: "Profit by average cost" },
  { method: "fifo", name: "FIFO", label: "FIFO: profit first in, first out" },
] as const;
const FILES = ["trades", "orders", "ledger"] as const;
const ROWS = 7;

/** What was earned, by day, week or month and by asset; the books as files. */
export function Results() {
  const pnl = useChatStore((state) => state.pnl);
  return (
    <Panel title="Profit and loss" area="results" aside={<Methods />}>
      {pnl !== null && (
        <>
          <p className="results-lead">
            In {pnl.currency ?? "USDT"}, days by {pnl.time_zone}
            {pnl.conversion && `, all at ${rateOf(pnl)}`}
            {pnl.currency_note && `. ${pnl.currency_note}`}
          </p>
          <Periods results={pnl.results.slice(0, ROWS)} zone={pnl.time_zone} />
          {pnl.assets.length > 0 && <Assets assets={pnl.assets} />}
        </>
      )}
      <Files />
    </Panel>
  );
}

function rateOf({ conversion }: Pnl): string {
  if (!conversion) return "";
  const simulated = conversion.simulated ? ", simulated" : "";
  return `the rate of now (${conversion.source}${simulated})`;
}

function Methods() {
  const chosen = useChatStore((state) => state.method);
  const choose = useChatStore((state) => state.setMethod);
  return (
    <div className="periods" role="group" aria-label="Method">
      {METHODS.map(({ method, name, label }) => (
        <button
          key={method}
          type="button"
          aria-label={label}
          aria-pressed={method === chosen}
          onClick={() => choose(method)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}

function Periods({ results, zone }: { results: readonly PeriodResult[]; zone: string }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
    <section className="table-frame" aria-label="Results by period" tabIndex={0}>
      <table className="grid-table labelled">
        <thead>
          <tr>
            <th scope="col">Since</th>
            <th scope="col">Change</th>
            <th scope="col">Realised</th>
            <th scope="col">Fees</th>
            <th scope="col">Trades</th>
          </tr>
        </thead>
        <tbody>
          {results.map((result) => (
            <tr key={result.start}>
              <th scope="row">
                <span className="asset">{dayOf(result.start, zone)}</span>
              </th>
              <td data-label="Change">
                <Trend of={result.change}>{signed(result.change)}</Trend>
                {result.change_pct && (
                  <span className="second">{signedPercent(result.change_pct)}</span>
                )}
              </td>
              <td data-label="Realised">{signed(result.realised)}</td>
              <td data-label="Fees">{money(result.fees)}</td>
              <td data-label="Trades">{result.trades}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Assets({ assets }: { assets: readonly AssetResult[] }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
    <section className="table-frame" aria-label="Results by asset" tabIndex={0}>
      <table className="grid-table labelled">
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">Realised</th>
            <th scope="col">Open</th>
            <th scope="col">Fees</th>
            <th scope="col">Slippage</th>
          </tr>
        </thead>
        <tbody>
          {assets.map((asset) => (
            <tr key={asset.symbol}>
              <th scope="row">
                <span className="asset">{asset.symbol}</span>
              </th>
              <td data-label="Realised">
                <Trend of={asset.realised}>{signed(asset.realised)}</Trend>
              </td>
              <td data-label="Open">
                <Trend of={asset.unrealised}>{signed(asset.unrealised)}</Trend>
              </td>
              <td data-label="Fees">{money(asset.fees)}</td>
              <td data-label="Slippage">{money(asset.slippage)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Files() {
  const fetchFile = useChatStore((state) => state.fetchFile);
  const [busy, setBusy] = useState(false);
  const save = async (name: (typeof FILES)[number]) => {
    setBusy(true);
    const file = await fetchFile(name);
    setBusy(false);
    if (file !== null) keep(file, `${name}.csv`);
  };
  return (
    <div className="files" role="group" aria-label="Files">
      {FILES.map((name) => (
        <button
          key={name}
          type="button"
          className="button small"
          disabled={busy}
          onClick={() => void save(name)}
        >
          {name}.csv
        </button>
      ))}
    </div>
  );
}

function keep(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function dayOf(at: string, timeZone: string): string {
  const options = { day: "numeric", month: "short", year: "numeric", timeZone } as const;
  return new Date(at).toLocaleDateString("en-GB", options);
}
