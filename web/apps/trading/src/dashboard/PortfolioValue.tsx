import { useChatStore } from "@uchat/chat";
import type { Portfolio } from "@uchat/contracts";
import type { ReactNode } from "react";
import { venueName } from "../decision/account";
import { AccountBadge } from "../decision/AccountBadge";
import { changePercent, money, signed, signedPercent } from "../ui/money";
import { preciseTime } from "../ui/time";
import { Trend } from "../ui/Trend";
import { AccountChoice, useAccounts } from "./AccountChoice";
import { Panel } from "./Panel";
import { ValueChart } from "./ValueChart";

/** The portfolio in one figure, what it did today, and how it came to be. */
export function PortfolioValue() {
  const portfolio = useChatStore((state) => state.portfolio);
  const state = useChatStore((store) => store.portfolioState);
  const reload = useChatStore((store) => store.reloadTrading);

  return (
    <Panel title="Total value" area="value" aside={portfolio && <Marks portfolio={portfolio} />}>
      <ShownAccount />
      {portfolio !== null && <Figures portfolio={portfolio} />}
      {portfolio === null && state === "loading" && <ValueSkeleton />}
      {portfolio === null && state === "failed" && (
        <div className="panel-empty" role="alert">
          <p>The portfolio could not be loaded.</p>
          <button type="button" className="button small" onClick={reload}>
            Try again
          </button>
        </div>
      )}
      <ValueChart />
    </Panel>
  );
}

/** Which account the dashboard is about; there is no choice for who has only the one on paper. */
function ShownAccount() {
  const accounts = useAccounts();
  const shown = useChatStore((state) => state.shownVenue);
  const show = useChatStore((state) => state.showAccount);
  if (accounts.length === 0) return null;
  return (
    <AccountChoice
      label="Account that is shown"
      accounts={accounts}
      chosen={shown}
      onChoose={show}
    />
  );
}

function Figures({ portfolio }: { portfolio: Portfolio }) {
  const { quote_currency: currency, change_today: today } = portfolio;
  const percent = changePercent(portfolio.total, today);
  return (
    <>
      <p className="total">
        {portfolio.total ? (
          <>
            <span className="total-figure">{money(portfolio.total)}</span>
            <span className="total-currency">{currency}</span>
          </>
        ) : (
          <span className="total-unknown">A price is missing</span>
        )}
      </p>
      <p className="today">
        {today ? (
          <>
            <Trend of={today}>
              {signed(today)} {currency}
              {percent !== null && ` (${signedPercent(percent)})`}
            </Trend>
            <span className="today-since">today</span>
          </>
        ) : (
          <span className="today-since">No change to tell yet</span>
        )}
      </p>
      <dl className="figures">
        <Figure name="Cash available">{money(portfolio.cash, currency)}</Figure>
        <Figure name="Reserved for orders">{money(portfolio.cash_reserved, currency)}</Figure>
        <Figure name="Profit, not realised">
          <Trend of={portfolio.unrealised}>{signed(portfolio.unrealised)}</Trend>
        </Figure>
        <Figure name="Profit, realised">
          <Trend of={portfolio.realised}>{signed(portfolio.realised)}</Trend>
        </Figure>
      </dl>
    </>
  );
}

function Marks({ portfolio }: { portfolio: Portfolio }) {
  const there = venueName(portfolio.venue, useChatStore((state) => state.venues));
  return (
    <span className="panel-marks">
      <AccountBadge there={portfolio.simulated ? null : there} />
      {portfolio.prices_simulated && <span className="badge simulated">simulated prices</span>}
      {portfolio.price_source && portfolio.prices_simulated === false && (
        <span className="badge" title={portfolio.price_source}>
          live prices
        </span>
      )}
      {portfolio.stale && <span className="badge simulated">not of now</span>}
      <time dateTime={portfolio.as_of}>{preciseTime(Date.parse(portfolio.as_of))}</time>
    </span>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function ValueSkeleton() {
  return (
    <div className="value-skeleton" role="status" aria-label="Loading the portfolio">
      <span />
      <span />
      <span />
    </div>
  );
}
