import { useChatStore } from "@uchat/chat";
import { money, share } from "../ui/money";
import { arcOf, slicesOf, type Slice } from "./chart";
import { Panel } from "./Panel";

/** How the portfolio is spread: a ring, and the same as a list with figures. */
export function Allocation() {
  const portfolio = useChatStore((state) => state.portfolio);
  const slices = portfolio === null ? [] : slicesOf(portfolio);
  return (
    <Panel title="Allocation" area="allocation">
      {slices.length === 0 ? (
        <p className="panel-empty">
          {portfolio === null ? "" : "Shown as soon as every price is known."}
        </p>
      ) : (
        <div className="allocation">
          <Ring slices={slices} />
          <ul className="legend" aria-label="Allocation by asset">
            {slices.map((slice) => (
              <li key={slice.symbol}>
                <span className="swatch" data-colour={slice.colour} aria-hidden="true" />
                <span className="legend-symbol">{slice.symbol}</span>
                <span className="legend-value">{money(slice.value)}</span>
                <span className="legend-share">{share(String(slice.share))}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </Panel>
  );
}

function Ring({ slices }: { slices: readonly Slice[] }) {
  const starts = slices.map((_, index) =>
    slices.slice(0, index).reduce((sum, slice) => sum + slice.share, 0),
  );
  const invested = slices
    .filter((slice) => slice.colour !== 0)
    .reduce((sum, slice) => sum + slice.share, 0);
  return (
    <div className="ring">
      {/* The list beside it says the same in words. */}
      <svg viewBox="-52 -52 104 104" aria-hidden="true" focusable="false">
        {slices.map((slice, index) => (
          <path
            key={slice.symbol}
            className="slice"
            data-colour={slice.colour}
            d={arcOf(starts[index] ?? 0, (starts[index] ?? 0) + slice.share, 50, 34)}
          />
        ))}
      </svg>
      <p className="ring-middle">
        <strong>{share(String(invested))}</strong>
        <span>invested</span>
      </p>
    </div>
  );
}
