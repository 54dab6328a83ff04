import { useChatStore } from "@uchat/chat";
import type { Holding } from "@uchat/contracts";
import { goTo } from "../shell/route";
import { money, price, quantity, share, signed, signedPercent } from "../ui/money";
import { Trend } from "../ui/Trend";
import { Panel } from "./Panel";
import { revealPending } from "./reveal";

/** What is owned, asset by asset. */
export function Holdings() {
  const portfolio = useChatStore((state) => state.portfolio);
  const held = (portfolio?.holdings ?? []).filter(
    (holding) => holding.symbol !== portfolio?.quote_currency && Number(holding.quantity) > 0,
  );
  return (
    <Panel title="Holdings" area="holdings">
      {held.length > 0 && <HoldingsTable holdings={held} />}
      {portfolio !== null && held.length === 0 && (
        <div className="panel-empty">
          <p>Nothing bought yet. Your paper money is ready.</p>
          <button type="button" className="button small" onClick={() => goTo("chat")}>
            Ask what to buy
          </button>
        </div>
      )}
    </Panel>
  );
}

function HoldingsTable({ holdings }: { holdings: readonly Holding[] }) {
  return (
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- keys scroll it
    <section className="table-frame" aria-label="Holdings table" tabIndex={0}>
      <table className="grid-table">
        <thead>
          <tr>
            <th scope="col">Asset</th>
            <th scope="col">Price</th>
            <th scope="col">Quantity</th>
            <th scope="col">Value</th>
            <th scope="col">Share</th>
            <th scope="col">Profit</th>
            <th scope="col">
              <span className="visually-hidden">What to do</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {holdings.map((holding) => (
            <HoldingRow key={holding.symbol} holding={holding} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function HoldingRow({ holding }: { holding: Holding }) {
  const propose = useChatStore((state) => state.propose);
  const close = () => {
    const all = { symbol: holding.symbol, side: "sell" as const, all: true };
    void propose({ legs: [all], purpose: "close" }, "web_ui").then((done) => {
      if (done) revealPending();
    });
  };
  return (
    <tr>
      <th scope="row">
        <span className="asset">{holding.symbol}</span>
        <span className="asset-name">{holding.name}</span>
      </th>
      <td data-label="Price">
        <span>{price(holding.price)}</span>
        {holding.change_24h_pct && (
          <span className="second">
            <Trend of={holding.change_24h_pct}>{signedPercent(holding.change_24h_pct)}</Trend>
          </span>
        )}
      </td>
      <td data-label="Quantity">
        <span>{quantity(holding.quantity)}</span>
        {Number(holding.reserved) > 0 && (
          <span className="second">{quantity(holding.reserved)} reserved</span>
        )}
      </td>
      <td data-label="Value">{money(holding.value)}</td>
      <td data-label="Share">{share(holding.share)}</td>
      <td data-label="Profit">
        <Trend of={holding.unrealised}>{signed(holding.unrealised)}</Trend>
        {holding.unrealised_pct && (
          <span className="second">{signedPercent(holding.unrealised_pct)}</span>
        )}
      </td>
      <td data-label="">
        <button type="button" className="button small" onClick={close}>
          Close
        </button>
      </td>
    </tr>
  );
}
